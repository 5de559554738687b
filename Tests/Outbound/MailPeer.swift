import FoundationEssentials
import Glibc
import Testing

@testable import Outbound

/// The mail server of Tests/support/mail_double.py, and a lane to it.
final class MailPeer: Sendable {
    struct File: Decodable {
        let name: String
        let type: String
        let bytes: [UInt8]
    }

    /// A mail as Python's own parser read it, once the server had taken it.
    struct Arrived: Decodable {
        let sender: String
        let to: String
        /// Byte for byte, each byte a character.
        let raw: String
        let headers: [String: String]
        let text: String
        let html: String
        let files: [File]
        /// What the parser found wrong with its form.
        let defects: [String]
    }

    let url: String
    let caFile: String?
    private let program: Program

    init(_ options: [String] = []) throws {
        let tests = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
        let venv = "\(tests)/../.build-venv/bin/python"
        let python = access(venv, X_OK) == 0 ? venv : "python3"
        program = try Program([python, "-W", "ignore", "\(tests)/support/mail_double.py"] + options)
        let words = try program.line().split(separator: " ")
        url = "\(options.contains("implicit") ? "smtps" : "smtp")://localhost:\(words[0])"
        caFile = words[1] == "-" ? nil : String(words[1])
    }

    func lane(
        breaker: Breaker.Settings = .never,
        caFile: String? = nil,
        now: @escaping @Sendable () -> Int64 = Clock.monotonic
    ) throws -> Lane {
        try Lane(name: "mail", threads: 1, breaker: breaker, caFile: caFile ?? self.caFile, now: now)
    }

    func mail(
        to: String = "ada@example.com",
        tls: MailServer.TLS = .optional,
        login: (user: String, password: String)? = nil,
        _ text: String = "Hello",
        carrying bytes: [UInt8]? = nil,
        timeout: Duration = .seconds(20)
    ) throws -> OutboundMail {
        let server = try MailServer(url, tls: tls, user: login?.user, password: login?.password)
        let from = try MailAddress("Purser <desk@purser.test>")
        let to = try MailAddress(to)
        let message = MailMessage(
            id: "m1",
            date: 1_795_268_703,
            from: from,
            to: to,
            subject: "Hello",
            text: text,
            html: "<p>\(text)</p>"
        )
        return OutboundMail(through: server, from: from, to: to, bytes ?? message.bytes, timeout: timeout)
    }

    /// The next mail that the server took.
    func arrived() throws -> Arrived {
        try JSONDecoder().decode(Arrived.self, from: Data(program.line().utf8))
    }
}
