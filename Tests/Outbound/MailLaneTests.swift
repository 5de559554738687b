import Testing

@testable import Outbound

@Suite("A lane to a mail server") struct MailLaneTests {
    private let login = (user: "purser", password: "p@ss wörd")
    private let loginOptions = ["--user", "purser", "--password", "p@ss wörd"]

    @Test("delivers a mail byte for byte, the envelope too")
    func delivers() async throws {
        let peer = try MailPeer()
        let mail = try peer.mail("Hello\n.\n.dots\n\nEnd")
        try await peer.lane().send(mail)
        let arrived = try peer.arrived()
        #expect(arrived.sender == "desk@purser.test")
        #expect(arrived.to == "ada@example.com")
        #expect(arrived.raw == String(decoding: mail.message, as: UTF8.self))
        #expect(arrived.text == "Hello\n.\n.dots\n\nEnd")
    }

    @Test("doubles dots that begin a line, wherever libcurl's buffer ends")
    func dots() async throws {
        let peer = try MailPeer()
        // More than libcurl's 64 KiB of lines whose every beginning is a dot.
        let lines = String(repeating: ".\r\n..\r\n.a\r\n", count: 8000)
        let message = [UInt8]("Subject: dots\r\n\r\n\(lines).\r\n".utf8)
        let mail = try peer.mail(carrying: message)
        // The server tells of it before it takes it, in more bytes than wait unread.
        async let sent: Void = peer.lane().send(mail)
        #expect(try peer.arrived().raw == String(decoding: mail.message, as: UTF8.self))
        try await sent
    }

    @Test("sends the next mail on the same connection, and one after a refused one")
    func next() async throws {
        let peer = try MailPeer()
        let lane = try peer.lane()
        for number in 1...3 {
            try await lane.send(peer.mail("\(number)"))
            #expect(try peer.arrived().text == "\(number)")
        }
        await #expect(throws: MailRefusal.self) { try await lane.send(peer.mail(to: "550.rcpt@x.test")) }
        try await lane.send(peer.mail("after"))
        #expect(try peer.arrived().text == "after")
    }

    @Test(
        "begins TLS and logs in",
        arguments: [["--tls", "starttls"], ["--tls", "implicit"]],
        [true, false]
    )
    func secured(tls: [String], logsIn: Bool) async throws {
        let peer = try MailPeer(tls + (logsIn ? loginOptions : []))
        try await peer.lane().send(peer.mail(tls: .required, login: logsIn ? login : nil))
        #expect(try peer.arrived().to == "ada@example.com")
    }

    @Test("takes TLS where it is offered, also when it need not")
    func offered() async throws {
        // This server takes no mail without.
        let peer = try MailPeer(["--tls", "starttls"])
        try await peer.lane().send(peer.mail(tls: .optional))
        #expect(try peer.arrived().to == "ada@example.com")
    }

    @Test("keeps the mail from a server without TLS, unless told otherwise")
    func noTLS() async throws {
        let peer = try MailPeer()
        try await unreachable { try await peer.lane().send(peer.mail(tls: .required, "secret")) }
        try await peer.lane().send(peer.mail(tls: .optional, "open"))
        #expect(try peer.arrived().text == "open")
    }

    @Test("keeps the mail from a server that cannot say who it is", arguments: ["starttls", "implicit"])
    func untrusted(tls: String) async throws {
        let peer = try MailPeer(["--tls", tls])
        let other = try MailPeer(["--tls", tls])
        let why = try await unreachable {
            try await peer.lane(caFile: other.caFile).send(peer.mail(tls: .optional))
        }
        #expect(why.contains("certificate"))
    }

    @Test("counts a wrong password against itself, not against the mail, and does not tell it")
    func wrongPassword() async throws {
        let peer = try MailPeer(["--tls", "starttls"] + loginOptions)
        let why = try await unreachable {
            try await peer.lane().send(peer.mail(tls: .required, login: ("purser", "sesame")))
        }
        #expect(why.contains("535"))
        #expect(!why.contains("sesame") && !why.contains("c2VzYW1l"))
    }

    @Test("counts a login that is asked for against itself too")
    func noLogin() async throws {
        let peer = try MailPeer(["--tls", "starttls"] + loginOptions)
        let why = try await unreachable { try await peer.lane().send(peer.mail(tls: .required)) }
        #expect(why.contains("530"))
    }

    @Test(
        "tells a refusal for good from one for now, at the recipient and at the message",
        arguments: ["rcpt", "data"]
    )
    func refused(at: String) async throws {
        let peer = try MailPeer()
        let lane = try peer.lane(breaker: Breaker.Settings(failures: 1))
        for (code, isPermanent) in [(550, true), (452, false), (554, true), (451, false)] {
            let refusal = try #require(
                await #expect(throws: MailRefusal.self) {
                    try await lane.send(peer.mail(to: "\(code).\(at)@x.test"))
                }
            )
            #expect(refusal == MailRefusal(code: code, reply: "\(code) so be it"))
            #expect(refusal.isPermanent == isPermanent)
        }
        // None of them was the server's failure.
        try await lane.send(peer.mail())
    }

    @Test("takes a server that closes down for one that is down")
    func closingDown() async throws {
        let peer = try MailPeer()
        // A clock that stands still, so that the breaker stays open however long the machine takes.
        let lane = try peer.lane(breaker: Breaker.Settings(failures: 1), now: Clock().now)
        try await unreachable { try await lane.send(peer.mail(to: "421.rcpt@x.test")) }
        let error = await #expect(throws: OutboundError.self) { try await lane.send(peer.mail()) }
        guard case .circuitOpen = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("gives up on a server that hangs, and knows whether it had the mail", arguments: ["rcpt", "data"])
    func hangs(at: String) async throws {
        let peer = try MailPeer()
        let lane = try peer.lane()
        await #expect(throws: OutboundError.timedOut(sent: at == "data")) {
            try await lane.send(peer.mail(to: "hang.\(at)@x.test", timeout: .seconds(3)))
        }
        try await lane.send(peer.mail())
        #expect(try peer.arrived().to == "ada@example.com")
    }

    @Test("says that nobody listens")
    func nobody() async throws {
        let server = try MailServer("smtp://127.0.0.1:1", tls: .optional)
        let from = try MailAddress("a@x.test")
        let lane = try Lane(name: "mail", now: Clock.monotonic)
        try await unreachable { try await lane.send(OutboundMail(through: server, from: from, to: from, [])) }
    }

    @Test("carries no login over to the next server, nor a mail's options to a request")
    func fresh() async throws {
        let secured = try MailPeer(["--tls", "starttls"] + loginOptions)
        let web = try Peer.shared.get()
        let lane = try secured.lane()
        try await lane.send(secured.mail(tls: .required, login: login))
        #expect(try await Echo(lane.send(OutboundRequest(.get, web.base + "/echo"))).header("authorization") == nil)
        try await unreachable { try await lane.send(secured.mail(tls: .required)) }
    }

    @discardableResult
    private func unreachable(_ send: () async throws -> Void) async throws -> String {
        let error = await #expect(throws: OutboundError.self) { try await send() }
        guard case .unreachable(let why) = error else {
            Issue.record("\(String(describing: error))")
            return ""
        }
        return why
    }
}
