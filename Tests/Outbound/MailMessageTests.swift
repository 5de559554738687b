import Testing

@testable import Outbound

@Suite("A mail message", .serialized) struct MailMessageTests {
    /// One for all, who come one after the other.
    private static let peer = Result { try MailPeer() }

    private func message(
        subject: String = "Hello",
        name: String = "",
        text: String = "Hello",
        html: String = "<p>Hello</p>"
    ) throws -> MailMessage {
        MailMessage(
            id: "mail:12/ab\r\n>",
            date: 1_795_268_703,
            from: try MailAddress("Purser <desk@purser.test>"),
            to: try MailAddress(address: "ada@example.com", name: name),
            subject: subject,
            text: text,
            html: html
        )
    }

    private func lines(_ message: MailMessage) -> [Substring] {
        String(decoding: message.bytes, as: UTF8.self).split(omittingEmptySubsequences: false) { $0 == "\r\n" }
    }

    private func send(_ message: MailMessage) async throws -> MailPeer.Arrived {
        let peer = try Self.peer.get()
        try await peer.lane().send(peer.mail(carrying: message.bytes))
        return try peer.arrived()
    }

    static let subjects = [
        "Hello",
        "",
        "Verify your address",
        "Zażółć gęślą jaźń – bitte bestätigen Sie Ihre Adresse, und zwar noch heute, sonst wird sie gelöscht",
        "ご登録ありがとうございます。メールアドレスの確認をお願いいたします。有効期限は三十分です。",
        "تأكيد عنوان البريد الإلكتروني",
        "👩‍👩‍👧‍👦 family of four, 👩‍👩‍👧‍👦 and again, 👩‍👩‍👧‍👦 and again",
        "=?UTF-8?B?bm90IG1lYW50?=",
        "plain but far too long for one line of a header, so that it has to go on somewhere, doesn't it",
    ]

    @Test("keeps a subject in any script", arguments: subjects)
    func subject(subject: String) async throws {
        let message = try message(subject: subject)
        #expect(lines(message).allSatisfy { $0.utf8.count <= 78 && $0.utf8.allSatisfy { $0 < 128 } })
        let arrived = try await send(message)
        #expect(Array((arrived.headers["Subject"] ?? "").utf8) == Array(subject.utf8))
        #expect(arrived.defects == [])
    }

    @Test(
        "keeps a name in any script, as far as it fits one word",
        arguments: [
            "Ada", "Dr. Ada (B.) <Byron>, x@y", "\"Ada\" \\ Byron", "アダ・ラブレス", String(repeating: "Ada ", count: 30),
        ]
    )
    func name(name: String) async throws {
        let message = try message(name: name)
        #expect(lines(message).allSatisfy { $0.utf8.count <= 78 && $0.utf8.allSatisfy { $0 < 128 } })
        let to = try #require(try await send(message).headers["To"])
        #expect(to.hasSuffix("<ada@example.com>"))
        var shown = to.dropLast("<ada@example.com>".count)
        while shown.last == " " { shown.removeLast() }
        if shown.first == "\"" {
            let inner = shown.dropFirst().dropLast()
            #expect(inner.replacing("\\\"", with: "\"").replacing("\\\\", with: "\\") == name)
        } else {
            #expect(shown == name.prefix(shown.count))
            #expect(shown == name || (30...39).contains(shown.utf8.count))
        }
    }

    @Test(
        "lets no subject and no name write a header of its own",
        arguments: ["\r\n", "\n", "\r", "\u{2028}", "\u{0}"]
    )
    func injection(end: String) async throws {
        let evil = "Hello\(end)Bcc: eve@example.com\(end)\(end)body"
        let arrived = try await send(message(subject: evil, name: evil))
        #expect(arrived.headers["Bcc"] == nil)
        #expect(arrived.headers["Subject"]?.hasPrefix("Hello ") == true)
        #expect(arrived.text == "Hello")
        #expect(arrived.defects == [])
    }

    static let texts = [
        "",
        "One line",
        "Ends with a line\n",
        "Blanks at the end \t\nand = signs == and\ttabs\n . \n..\n.\n",
        String(repeating: "long ", count: 1000),
        String(repeating: ".", count: 500),
        "https://purser.test/link.html#verify=" + String(repeating: "Ab3_-", count: 12),
        String(repeating: "Straße und Füße ", count: 30),
        String(repeating: "メールアドレスの確認\n", count: 30),
        "--=_purser_parts--\nFrom here\n",
    ]

    @Test("keeps a text to the last blank, whatever its script and length", arguments: texts)
    func text(text: String) async throws {
        let html = "<p>\(text)</p>"
        let message = try message(text: text, html: html)
        #expect(lines(message).allSatisfy { $0.utf8.count <= 78 && $0.utf8.allSatisfy { $0 < 128 } })
        let arrived = try await send(message)
        #expect(arrived.text == text)
        #expect(arrived.html == html)
        #expect(arrived.defects == [])
    }

    @Test("says what it is, and that no answer is wanted")
    func headers() async throws {
        let arrived = try await send(message(name: "Ada"))
        #expect(arrived.headers["Date"] == "Sat, 21 Nov 2026 13:45:03 +0000")
        #expect(arrived.headers["Message-ID"] == "<mail.12.ab...@purser.test>")
        #expect(arrived.headers["Auto-Submitted"] == "auto-generated")
        #expect(arrived.headers["Content-Type"]?.hasPrefix("multipart/alternative") == true)
    }

    @Test("carries files beside its two texts, byte for byte")
    func attachments() async throws {
        var message = try message(text: "Straße", html: "<p>Straße</p>")
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) } + Array("--=_purser_files--\r\n".utf8)
        message.attachments = [
            MailAttachment(name: "INV-000001.pdf", type: "application/pdf", bytes: bytes),
            MailAttachment(name: "a\"b\r\nc.csv", type: "text/csv", bytes: []),
        ]
        #expect(lines(message).allSatisfy { $0.utf8.count <= 78 && $0.utf8.allSatisfy { $0 < 128 } })
        let arrived = try await send(message)
        #expect(arrived.text == "Straße")
        #expect(arrived.html == "<p>Straße</p>")
        #expect(arrived.defects == [])
        #expect(arrived.files.map(\.name) == ["INV-000001.pdf", "a.b..c.csv"])
        #expect(arrived.files.map(\.type) == ["application/pdf", "text/csv"])
        #expect(arrived.files.map(\.bytes) == [bytes, []])
    }

    @Test("is the same bytes each time it is written")
    func stable() throws {
        #expect(try message().bytes == message().bytes)
    }

    @Test(
        "writes dates as mails have them",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
            (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 +0000"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 +0000"),
            (.min, "Thu, 01 Jan 1970 00:00:00 +0000"), (.max, "Fri, 31 Dec 9999 23:59:59 +0000"),
        ] as [(Int64, String)]
    )
    func date(seconds: Int64, text: String) {
        #expect(MailDate.text(seconds) == text)
    }
}
