import Testing
import Web

@testable import Portal

@Suite("A letter")
struct LetterTests {
    private let letter = Letter(
        subject: "<Verify> & \"go\"",
        [
            .text("Hello <b>Ada</b>,\nwelcome."), .link("Verify", url: "https://x.test/link.html#a=\"><script>"),
            .code("123456"),
        ]
    )

    @Test("is plain text with links and codes on lines of their own")
    func text() {
        #expect(
            letter.text(site: "https://x.test") == """
                Hello <b>Ada</b>,
                welcome.

                Verify:
                https://x.test/link.html#a="><script>

                    123456

                --\u{20}
                Purser, https://x.test

                """
        )
    }

    @Test("says the same in HTML, where nothing that it says is markup")
    func html() {
        let html = letter.html(site: "https://x.test/?a&b")
        #expect(html.contains("<h1>&lt;Verify&gt; &amp; &quot;go&quot;</h1>"))
        #expect(html.contains("<p>Hello &lt;b&gt;Ada&lt;/b&gt;,<br>\nwelcome.</p>"))
        #expect(html.contains("href=\"https://x.test/link.html#a=&quot;&gt;&lt;script&gt;\""))
        #expect(html.contains(">123456</p>"))
        #expect(html.contains("https://x.test/?a&amp;b"))
        #expect(!html.contains("<script") && !html.contains("<b>"))
    }

    @Test("fetches nothing when it is opened")
    func contained() {
        let html = letter.html(site: "https://x.test")
        #expect(["<img", "<link", "src=", "url(", "@import"].allSatisfy { !html.contains($0) })
    }

    @Test("comes out of the outbox as it went in")
    func payload() throws {
        let letters = [letter, Letter(subject: "", []), Letter(subject: "Grüße\n", [.text(""), .code("é")])]
        for letter in letters {
            let stored = try JSONParser.parse(try JSONEncoding.bytes(of: JSONValue.object(letter.payload)))
            #expect(Letter(stored) == letter)
        }
    }

    @Test(
        "is not made up from what is none",
        arguments: [
            "{}", #"{"subject":"a"}"#, #"{"parts":[]}"#, #"{"subject":1,"parts":[]}"#, #"{"subject":"a","parts":{}}"#,
            #"{"subject":"a","parts":[{"tune":"la"}]}"#, #"{"subject":"a","parts":[{"link":"no address"}]}"#, "[]",
        ]
    )
    func illegible(json: String) throws {
        #expect(try Letter(JSONParser.parse(Array(json.utf8))) == nil)
    }

    @Test("that was given up keeps its address and subject, not its text")
    func withoutText() {
        let payload = JSONValue.object([.init("to", .string("a@x.test"))] + letter.payload)
        #expect(
            Mails.withoutText(payload)
                == .object([.init("to", .string("a@x.test")), .init("subject", .string(letter.subject))])
        )
    }
}
