import Testing

@testable import Outbound

@Suite("A mail address") struct MailAddressTests {
    @Test(
        "is read with and without a name",
        arguments: [
            ("ada@example.com", "", "ada@example.com"), ("Ada <ada@example.com>", "Ada", "ada@example.com"),
            ("\"Ada, B.\" <ada@example.com>", "Ada, B.", "ada@example.com"), ("<a@b>", "", "a@b"),
            ("Ada <b> <a+b@x.test>", "Ada <b>", "a+b@x.test"), ("アダ <a@b.test>", "アダ", "a@b.test"),
        ]
    )
    func read(text: String, name: String, address: String) throws {
        let read = try MailAddress(text)
        #expect(read.name == name)
        #expect(read.address == address)
        #expect(address.hasSuffix("@" + read.domain))
    }

    @Test(
        "that could write a command, or is none, is refused",
        arguments: [
            "", "ada", "@x.test", "ada@", "a@b@c", "a b@x.test", "a@x.test\r\nRCPT TO:<eve@x.test>", "a@x\n.test",
            "a@x.test> SIZE=1", "a>@x.test", "<a>@x.test", "a\u{0}@x.test", "a@[127.0.0.1]", "\"a\"@x.test",
            "a,b@x.test", "-f@x.test", "ä@x.test", "a@\u{e4}.test", String(repeating: "a", count: 65) + "@x.test",
            "a@" + String(repeating: "b", count: 253),
        ]
    )
    func refused(text: String) {
        #expect(throws: OutboundError.self) { try MailAddress(address: text) }
        #expect(throws: OutboundError.self) { try MailAddress("Ada <\(text.filter { $0 != "<" })>") }
    }

    @Test(
        "a mail server is named by smtp or smtps, without a user",
        arguments: [
            "", "localhost", "http://x.test", "smtp://ada@x.test", "smtp://x.test\r\nQUIT", "smtp:// x.test",
        ]
    )
    func server(url: String) {
        #expect(throws: OutboundError.self) { try MailServer(url, tls: .required) }
    }

    @Test("a password is for TLS only, comes with a user, and is plain text")
    func password() throws {
        #expect(throws: OutboundError.self) {
            try MailServer("smtp://x.test", tls: .optional, user: "a", password: "b")
        }
        #expect(throws: OutboundError.self) { try MailServer("smtp://x.test", tls: .required, user: "a") }
        #expect(throws: OutboundError.self) { try MailServer("smtp://x.test", tls: .required, password: "a") }
        #expect(throws: OutboundError.self) {
            try MailServer("smtp://x.test", tls: .required, user: "a", password: "b\u{0}c")
        }
        _ = try MailServer("smtps://x.test", tls: .optional, user: "a", password: "b")
    }
}
