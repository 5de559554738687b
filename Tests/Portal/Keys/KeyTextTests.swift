import Crypto
import Testing

@testable import Portal

@Suite("The text of a key")
struct KeyTextTests {
    static let prefixes = KeyPrefixes(own: "bioql")

    /// A key with the right checksum.
    private static func text(_ prefix: String, _ secret: String = String(repeating: "k", count: 32)) -> String {
        "\(prefix)_\(secret)\(Base62.checksum(of: secret.utf8))"
    }

    @Test(
        "has a checksum that finds each wrong letter",
        arguments: ["bioql", "bioql_live", "bioql_test", "sk_live", "rk"]
    )
    func wrongLetters(prefix: String) throws {
        let right = try APIKey.generate(prefix: prefix).text
        #expect(!Self.prefixes.isMistyped(right))
        let begin = prefix.utf8.count + 1
        for index in begin..<right.utf8.count {
            var bytes = Array(right.utf8)
            bytes[index] = bytes[index] == UInt8(ascii: "7") ? UInt8(ascii: "8") : UInt8(ascii: "7")
            #expect(Self.prefixes.isMistyped(String(decoding: bytes, as: UTF8.self)), "at \(index)")
        }
        for index in begin..<(right.utf8.count - 1) {
            var bytes = Array(right.utf8)
            bytes.swapAt(index, index + 1)
            let isSame = bytes == Array(right.utf8)
            #expect(Self.prefixes.isMistyped(String(decoding: bytes, as: UTF8.self)) != isSame, "at \(index)")
        }
    }

    @Test(
        "of another form is looked up, since it may come from an older system",
        arguments: [
            "", "_", "bioql", "bioql_", "bioql_short", "sk_live_abc", String(repeating: "x", count: 38),
            "_" + String(repeating: "x", count: 38), "bioql_" + String(repeating: "x", count: 37),
            "bioql_" + String(repeating: "x", count: 39), "other_" + String(repeating: "x", count: 38),
            "pk_live_" + String(repeating: "x", count: 38), "Bioql_" + String(repeating: "x", count: 38),
            "bioql_dev_" + String(repeating: "x", count: 38),
        ]
    )
    func otherForms(text: String) {
        #expect(!Self.prefixes.isMistyped(text))
    }

    @Test("knows its own prefix only, where another is set")
    func ownPrefix() {
        let others = KeyPrefixes(own: "acme")
        #expect(others.isMistyped(Self.text("acme_live").dropLast() + "!"))
        #expect(!others.isMistyped(Self.text("bioql") + "!"))
    }

    @Test(
        "is hinted at by what it was issued as and its end",
        arguments: [
            ("bioql_0123a1b2", "bioql_...a1b2"), ("sk_live_0123a1b2", "sk_live_...a1b2"),
            ("sk_test_0123a1b2", "sk_test_...a1b2"), ("rk_0123a1b2", "rk_...a1b2"),
            ("old_secret_part_a1b2", "old_...a1b2"), ("sk_live", "sk_...live"), ("nothinga1b2", "nothinga1b2_...a1b2"),
        ]
    )
    func hints(text: String, hint: String) {
        #expect(APIKey(text: text).hint == hint)
    }

    @Test(
        "keeps its family when it is rotated",
        arguments: [
            ("bioql_...a1b2", "bioql"), ("bioql_live_...a1b2", "bioql_live"), ("sk_live_...a1b2", "sk_live"),
            ("rk_...a1b2", "rk"), ("old_...a1b2", "bioql"), ("", "bioql"),
        ]
    )
    func families(hint: String, prefix: String) {
        #expect(Self.prefixes.prefix(ofHint: hint) == prefix)
    }
}
