import Testing

@testable import Web

@Suite("A request target")
struct RequestTargetTests {
    @Test(
        "is taken apart into decoded segments and the raw query",
        arguments: [
            ("/", [], ""), ("/?a=1", [], "a=1"), ("/a", ["a"], ""), ("/a/b-c_d.e~f", ["a", "b-c_d.e~f"], ""),
            ("/a%20b/%C3%A9", ["a b", "é"], ""), ("/%41", ["A"], ""), ("/a+b", ["a+b"], ""),
            ("/a?x=%2F&y", ["a"], "x=%2F&y"),
            ("/a??", ["a"], "?"), ("/a?/../..", ["a"], "/../.."), ("/...", ["..."], ""), ("/.a", [".a"], ""),
            ("/%25", ["%"], ""), ("/a%253Fb", ["a%3Fb"], ""), ("/é", ["é"], ""), ("/a;b=c", ["a;b=c"], ""),
        ] as [(String, [String], String)]
    )
    func reads(raw: String, segments: [String], query: String) throws {
        let target = try RequestTarget(raw)
        #expect(target.segments == segments)
        #expect(target.query == query)
        #expect(target.path == raw.prefix { $0 != "?" })
    }

    @Test(
        "is refused when it is not plain",
        arguments: [
            "", "a", "*", "?", "http://example.com/", "//", "//a", "/a//b", "/.", "/..", "/a/./b", "/a/../b",
            "/%2e", "/%2E%2e",
            "/.%2e", "/a%2fb", "/a%2Fb", "/a%5cb", "/a\\b", "/a%00", "/%00", "/a\0b", "/a%", "/a%2", "/a%zz", "/a%1g",
            "/a%C3",
            "/a%C3%28", "/%c0%ae%c0%ae", "/%ED%A0%80", "/%FF", "/a%0Ab", "/a%0d%0aX:1", "/a\nb", "/a\tb", "/a%7F",
            "/a%1F",
            "/%E2%82", "/a/..", "/%2e%2e/a", "/a/%2e?b",
        ]
    )
    func refuses(raw: String) {
        let failure = #expect(throws: Failure.self) { try RequestTarget(raw) }
        #expect(failure?.status == 400)
        #expect(failure?.code == "invalid_path")
    }

    @Test("is refused when its raw bytes are not UTF-8, in path and query", arguments: ["/a", "/a?b="])
    func rawBytes(prefix: String) {
        for tail in [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80]] as [[UInt8]] {
            #expect(throws: Failure.self) {
                try (Array(prefix.utf8) + tail).withUnsafeBufferPointer { try RequestTarget($0) }
            }
        }
    }

    @Test("ends at 8192 bytes")
    func length() throws {
        _ = try RequestTarget("/" + String(repeating: "a", count: 8191))
        #expect(throws: Failure.self) { try RequestTarget("/" + String(repeating: "a", count: 8192)) }
    }

    @Test("is answered or refused, whatever its bytes")
    func fuzz() {
        var dice = Dice(for: "target fuzz")
        let pieces = Array("/%.?&=+20aeF2\\".utf8) + [0, 0x0A, 0x7F, 0x80, 0xC3, 0xA9, 0xFF]
        for round in 0..<20_000 {
            let bytes = [UInt8(ascii: "/")] + (0..<dice.roll(0...24)).map { _ in dice.pick(pieces) }
            guard let target = try? bytes.withUnsafeBufferPointer({ try RequestTarget($0) }) else { continue }
            let isPlain = target.segments.allSatisfy { segment in
                !segment.isEmpty && segment != "." && segment != ".."
                    && segment.utf8.allSatisfy {
                        $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\")
                    }
            }
            #expect(isPlain, "seed \(dice.seed), round \(round)")
            _ = try? PercentCoding.items(target.query.utf8, of: "query")
        }
    }
}

@Suite("Percent coding")
struct PercentCodingTests {
    @Test(
        "reads the items of a form in order",
        arguments: [
            ("", []), ("a=1", [("a", "1")]), ("a=1&b=", [("a", "1"), ("b", "")]), ("a", [("a", "")]),
            ("&&a=1&", [("a", "1")]),
            ("a=b=c", [("a", "b=c")]), ("a+b=c+d%2B", [("a b", "c d+")]), ("%C3%A9=%E2%82%AC", [("é", "€")]),
            ("=x", [("", "x")]),
            ("a=%26%3D", [("a", "&=")]),
        ] as [(String, [(String, String)])]
    )
    func items(form: String, wanted: [(String, String)]) throws {
        let items = try PercentCoding.items(form.utf8, of: "query")
        #expect(items == wanted.map { .init($0.0, .text($0.1)) })
    }

    @Test(
        "refuses broken escapes, NUL, other bytes than UTF-8 and a name that stands twice",
        arguments: ["a=%", "a=%4", "a=%zz", "%=1", "a=%00", "%00=a", "a=%FF", "a=%C3", "a=1&a=2", "a=1&%61=2", "a&a"]
    )
    func refuses(form: String) {
        let failure = #expect(throws: Failure.self) { try PercentCoding.items(form.utf8, of: "query") }
        #expect(failure?.status == 400)
    }

    @Test("takes 100 items and no more")
    func limit() throws {
        func form(_ count: Int) -> String { (0..<count).map { "n\($0)=1" }.joined(separator: "&") }
        #expect(try PercentCoding.items(form(100).utf8, of: "query").count == 100)
        #expect(throws: Failure.self) { try PercentCoding.items(form(101).utf8, of: "query") }
    }

    @Test("turns a plus into a space in forms only")
    func plus() {
        #expect(PercentCoding.decode("a+b".utf8, plusIsSpace: true) == "a b")
        #expect(PercentCoding.decode("a+b".utf8, plusIsSpace: false) == "a+b")
    }
}
