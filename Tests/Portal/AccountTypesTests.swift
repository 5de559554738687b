import Testing

@testable import Portal

@Suite("A mail address")
struct EmailTests {
    @Test(
        "is kept in lower case",
        arguments: [
            ("ada@example.com", "ada@example.com"), ("Ada.Byron+tag@Example.CO.UK", "ada.byron+tag@example.co.uk"),
            ("  a@b.c", "a@b.c"), ("o'hara@example.com", "o'hara@example.com"),
            ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ]
    )
    func accepts(text: String, value: String) {
        #expect(Email(text)?.value == value)
    }

    @Test(
        "is refused in any other form",
        arguments: [
            "", "a", "@", "a@", "@b.c", "a@b", "a@b.", "a@.c", "a@b..c", "a@@b.c", "a@b@c.d", "a b@c.d",
            "a@b.c\n", "a\0@b.c",
            "\"a\"@b.c", "<a@b.c>", "a,b@c.d", "a:b@c.d", "é@b.c", "a@bé.c", "a\u{301}@b.c", "Kelvin\u{212A}@b.c",
            String(repeating: "a", count: 65) + "@b.c", "a@" + String(repeating: "b", count: 64) + ".c",
            "a@" + String(repeating: "b.", count: 130) + "c",
        ]
    )
    func refuses(text: String) {
        #expect(Email(text) == nil)
    }
}

@Suite("A backend")
struct BackendTests {
    @Test(
        "belongs to a family by its name",
        arguments: [
            ("ibm_torino", "ibm"), ("IBM_Kyoto", "ibm"), ("ibm-osaka", "ibm"), ("ibm", "ibm"), ("ionq.qpu", "ionq"),
            ("aws_sv2", "aws"),
            ("quera:aquila", "quera"), ("simulator", "simulator"), ("simulator_mps", "simulator"),
            ("IonQ_Simulator", "simulator"),
            ("mysimulator2", "simulator"), ("_ibm", ""), ("rigetti", "rigetti"), ("ibm2_x", "ibm2"),
        ]
    )
    func families(name: String, family: String) {
        #expect(Backend(known: name).family == family)
    }

    @Test(
        "is a plain name, since dashboards put it into HTML",
        arguments: [
            "", " ", "a b", "<b>", "a/b", "a\"b", "é", "a\u{301}", "a\0", "a\n", String(repeating: "a", count: 65),
        ]
    )
    func refuses(name: String) {
        #expect(Backend(name) == nil)
    }

    @Test("may be 64 characters long")
    func longest() {
        #expect(Backend(String(repeating: "a", count: 64)) != nil)
        #expect(Backend("aZ09_.:-")?.name == "aZ09_.:-")
    }
}

@Suite("An API key")
struct APIKeyTests {
    @Test("has a prefix, 32 random characters and a checksum over them")
    func generated() throws {
        var seen: Set<String> = []
        for _ in 0..<200 {
            let text = try APIKey.generate(prefix: "bioql").text
            let secret = text.dropFirst("bioql_".count)
            #expect(text.hasPrefix("bioql_"))
            #expect(secret.utf8.count == 38)
            #expect(secret.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
            #expect(APIKey.isPlausible(text))
            seen.insert(text)
        }
        #expect(seen.count == 200)
    }

    @Test("is shown by its prefix and last four characters only")
    func hint() {
        #expect(APIKey(text: "bioql_0123456789abcdefa1b2").hint == "bioql_...a1b2")
    }

    @Test(
        "is looked up only when it can be one",
        arguments: [
            ("bioql_abc", true), ("12345678", true), (String(repeating: "a", count: 128), true), ("1234567", false),
            ("", false),
            (String(repeating: "a", count: 129), false), ("bioql abc", false), ("bioql_é123", false),
            ("bioql_\u{7F}abc", false),
        ]
    )
    func plausible(text: String, isPlausible: Bool) {
        #expect(APIKey.isPlausible(text) == isPlausible)
    }

    @Test(
        "is a development key by its whole beginning",
        arguments: [
            ("bioql_dev_test123", true), ("bioql_dev_", true), ("bioql_de", false), ("bioql_Dev_test", false),
            ("xbioql_dev_test", false),
            ("other_dev_test", false), ("bioql_dev_ x", false),
        ]
    )
    func development(text: String, isDevelopment: Bool) {
        #expect(APIKey.isDevelopment(text, prefix: "bioql") == isDevelopment)
    }

    @Test("is stored as 32 bytes that depend on the pepper")
    func digests() {
        let one = KeyDigests(pepper: "one").digest(of: "bioql_abc")
        #expect(one.count == 32)
        #expect(one == KeyDigests(pepper: "one").digest(of: "bioql_abc"))
        #expect(one != KeyDigests(pepper: "two").digest(of: "bioql_abc"))
        #expect(one != KeyDigests(pepper: "one").digest(of: "bioql_abd"))
    }
}
