import Crypto
import Testing
import Web

@testable import Portal

@Suite("Stripe's signature")
struct StripeSignatureTests {
    static let secret = "whsec_test_secret"
    static let body = Array(#"{"id":"evt_1","type":"a.b"}"#.utf8)
    static let now: Int64 = 1_492_774_577

    static func mac(_ stamp: String = "\(now)", _ body: [UInt8] = body, _ secret: String = secret) -> String {
        Hex.encode(HMACKey(Array(secret.utf8)).sign(Array("\(stamp).".utf8) + body))
    }

    private func status(
        _ header: String,
        body: [UInt8] = body,
        secrets: [String] = [secret],
        now: Int64 = now
    ) -> Int {
        do {
            try StripeSignature.verify(header: header, body: body, secrets: secrets, now: now)
            return 200
        } catch {
            return (error as? Failure)?.status ?? 500
        }
    }

    /// Made by `stripe.WebhookSignature.generate_signature_header` of Stripe's Python library, 16.1.
    @Test("is what Stripe's own library makes")
    func vector() {
        let header = "t=1492774577,v1=a8f169c660b005423d05c96f043a66ecb9b1290167a460453cee6621cb62f3cd"
        #expect(status(header) == 200)
    }

    @Test(
        "believes",
        arguments: [
            "t=\(now),v1=\(mac())",
            "v1=\(mac()),t=\(now)",
            "t=\(now),v1=\(String(repeating: "0", count: 64)),v1=\(mac())",
            "t=\(now),v1=\(mac()),v0=\(String(repeating: "0", count: 64)),v2=later",
            "t=\(now), v1=\(mac())",
            "t=\(now),v1=nothex,v1=\(mac())",
            // The same bytes: a scheme that compares text would refuse them, and nothing hangs on it.
            "t=\(now),v1=\(mac().uppercased())",
            "t=\(now)" + String(repeating: ",v1=\(String(repeating: "0", count: 64))", count: 15) + ",v1=\(mac())",
        ]
    )
    func believes(header: String) {
        #expect(status(header) == 200)
    }

    @Test(
        "refuses",
        arguments: [
            "", ",", "=", "t", "t=,v1=", "v1=\(mac())", "t=\(now)", "t=\(now),v0=\(mac())", "t=\(now),v1=",
            "t=\(now),v1=\(mac().dropLast())", "t=\(now),v1=\(mac())00", "t=\(now),V1=\(mac())",
            "t=\(now),t=\(now),v1=\(mac())", "t=\(now),t=1,v1=\(mac())", "t=\(now + 1),v1=\(mac())",
            "t=+\(now),v1=\(mac("+\(now)"))", "t=-\(now),v1=\(mac("-\(now)"))", "t= \(now),v1=\(mac(" \(now)"))",
            "t=99999999999999999999,v1=\(mac("99999999999999999999"))", "t=1e9,v1=\(mac("1e9"))",
            "t=\(now),v1=\(mac("\(now)", body, "whsec_other"))", "t=\(now),v1=\(mac("\(now)", body + [0x20]))",
            "t=\(now)" + String(repeating: ",v1=\(mac())", count: 17),
            "t=\(now),v1=\(mac()),v0=\(String(repeating: "0", count: 4096))",
            "t=\(now),v1=\(mac()),garbage",
        ]
    )
    func refuses(header: String) {
        #expect(status(header) == 400)
    }

    @Test("holds for 300 seconds either way", arguments: [(-301, 400), (-300, 200), (0, 200), (300, 200), (301, 400)])
    func tolerance(seconds: Int64, expected: Int) {
        #expect(status("t=\(Self.now),v1=\(Self.mac())", now: Self.now + seconds) == expected)
    }

    @Test("breaks with each bit of the body")
    func bits() {
        for place in Self.body.indices {
            for bit in 0..<8 {
                var body = Self.body
                body[place] ^= 1 << UInt8(bit)
                #expect(status("t=\(Self.now),v1=\(Self.mac())", body: body) == 400)
            }
        }
    }

    @Test("is of raw bytes, NUL and broken UTF-8 included")
    func rawBytes() {
        let body: [UInt8] = [0, 0xFF, 0xC3, 0x28, 0x0A, 0x0D]
        let header = "t=\(Self.now),v1=\(Self.mac("\(Self.now)", body))"
        #expect(status(header, body: body) == 200)
        #expect(status(header, body: Array(String(decoding: body, as: UTF8.self).utf8)) == 400)
    }

    @Test("may be by any secret in force")
    func secrets() {
        let header = "t=\(Self.now),v1=\(Self.mac())"
        #expect(status(header, secrets: ["whsec_new", Self.secret]) == 200)
        #expect(status(header, secrets: ["whsec_new"]) == 400)
        #expect(status(header, secrets: [""]) == 400)
    }

    @Test("cannot be checked without a secret, which is not the sender's fault")
    func noSecret() {
        #expect(status("t=\(Self.now),v1=\(Self.mac())", secrets: []) == 503)
    }
}
