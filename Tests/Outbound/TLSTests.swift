import Glibc
import Testing

@testable import Outbound

@Suite("TLS", .serialized) struct TLSTests {
    /// A certificate for `localhost` that signs itself, in a folder of its own.
    final class Certificate {
        let folder: String
        var file: String { folder + "/certificate.pem" }
        var key: String { folder + "/key.pem" }

        init() throws {
            var template = Array("/tmp/purser-tls-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else { throw Program.Failed(what: "mkdtemp") }
            folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let program = try Program(
                [
                    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                    "-out", folder + "/certificate.pem", "-keyout", folder + "/key.pem",
                ]
            )
            program.finish()
        }

        deinit {
            unlink(file)
            unlink(key)
            rmdir(folder)
        }
    }

    private func lane(caFile: String?) throws -> Lane {
        try Lane(name: "test", breaker: .never, caFile: caFile, now: Clock.monotonic)
    }

    @Test("trusts a certificate that signs itself only if told to, and only for its name")
    func trust() async throws {
        let certificate = try Certificate()
        let peer = try Peer(scheme: "https", certificate: [certificate.file, certificate.key])

        let trusted = try lane(caFile: certificate.file)
        #expect(try await trusted.send(OutboundRequest(.get, peer.base + "/echo")).status == 200)

        for (lane, base) in [
            (try lane(caFile: nil), peer.base),
            (trusted, peer.base.replacing("localhost", with: "127.0.0.1")),
        ] {
            let error = await #expect(throws: OutboundError.self) {
                try await lane.send(OutboundRequest(.get, base + "/echo"))
            }
            guard case .unreachable(let why) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(why.contains("certificate"))
        }
    }

    @Test("says at once that the file of certificates is not there")
    func missing() {
        #expect(throws: OutboundError.self) { try lane(caFile: "/nonexistent/ca.pem") }
    }
}
