import Testing

@testable import Web

@Suite("The JSON parser")
struct JSONParserTests {
    @Test(
        "reads",
        arguments: [
            ("null", .null), (" true ", .bool(true)), ("\t\r\nfalse", .bool(false)), ("[]", .array([])),
            ("{}", .object([])),
            ("0", .integer(0)), ("-0", .integer(0)), ("-7", .integer(-7)), ("\"\"", .string("")),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", .string("\"\\/\u{8}\u{C}\n\r\t")),
            ("\"\\u0041\\u00e9\\u20AC\"", .string("Aé€")), ("\"\\uD834\\uDD1E\"", .string("𝄞")),
            ("\"\\uDBFF\\uDFFF\"", .string("\u{10FFFF}")), ("\"\u{7F}\"", .string("\u{7F}")),
            ("\"é€𝄞\"", .string("é€𝄞")), ("\"\\uFEFF\"", .string("\u{FEFF}")),
            ("[1 ,\n2]", .array([.integer(1), .integer(2)])),
            ("{\"a\":{\"b\":[null]}}", .object([.init("a", .object([.init("b", .array([.null]))]))])),
            ("{\"\":1,\" \":2}", .object([.init("", .integer(1)), .init(" ", .integer(2))])),
        ] as [(String, JSONValue)]
    )
    func accepts(text: String, value: JSONValue) throws {
        #expect(try parse(text) == value)
    }

    @Test(
        "keeps the text of a number that is not a whole one of 64 bits",
        arguments: [
            "0.1", "-0.0", "1.0", "1e2", "1E+2", "1e-2", "0e0", "350.10", "9223372036854775808", "-9223372036854775809",
            "1e400", "0.1000000000000000055511151231257827", "123456789012345678901234567890",
        ]
    )
    func numbers(text: String) throws {
        #expect(try parse(text) == .decimal(text))
    }

    @Test(
        "refuses what RFC 8259 does not allow",
        arguments: [
            "", " ", "nul", "nulL", "True", "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1,,2]", "{,}",
            "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{'a':1}", "{1:2}", "{\"a\":1 \"b\":2}", "[1}",
            "{\"a\":1]",
            "01", "-", "-01", "+1", ".5", "1.", "1.e2", "1e", "1e+", "0x10", "1_000", "NaN", "Infinity", "-Infinity",
            "1 2",
            "--1", "1-", "\"", "\"a", "\"\\", "\"\\\"", "\"\\x41\"", "\"\\u\"", "\"\\u12\"", "\"\\u12g4\"",
            "\"\\u 123\"",
            "\"\\u+123\"", "\"\\u１２３４\"", "\"a\nb\"", "\"a\tb\"", "'a'", "null null", "[] []", "{}x", "/* */ 1",
            "1 // one",
            "\u{FEFF}1", "\u{A0}1", "\u{C}1", "\u{B}1", "<html>", "a=1&b=2",
        ]
    )
    func refuses(text: String) {
        #expect(throws: JSONFault.self) { try parse(text) }
    }

    @Test(
        "refuses half a surrogate pair",
        arguments: [
            "\"\\uD800\"", "\"\\uDC00\"", "\"\\uD800\\uD800\"", "\"\\uD800\\n\"", "\"\\uD800x\"", "\"\\uD800\\u0041\"",
        ]
    )
    func surrogates(text: String) {
        #expect(throws: JSONFault(message: "A JSON string holds half a surrogate pair.")) { try parse(text) }
    }

    @Test("refuses NUL, escaped and raw")
    func nul() {
        #expect(throws: JSONFault(message: "A JSON string holds a NUL character.")) { try parse("\"a\\u0000b\"") }
        for text in ["\"a\0b\"", "1\0", "\0", "{\"\0\":1}"] {
            #expect(throws: JSONFault.self) { try parse(text) }
        }
    }

    @Test(
        "refuses bytes that are not UTF-8",
        arguments: [
            [0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82], [0x80],
            [0xF0, 0x80, 0x80, 0xAF],
        ] as [[UInt8]]
    )
    func notUTF8(bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        #expect(throws: JSONFault.self) { try JSONParser.parse([quote] + bytes + [quote]) }
        #expect(throws: JSONFault.self) { try JSONParser.parse(Array("{\"".utf8) + bytes + Array("\":1}".utf8)) }
        // After an escape strings take another way through the parser.
        #expect(throws: JSONFault.self) { try JSONParser.parse([quote] + Array("\\n".utf8) + bytes + [quote]) }
        #expect(throws: JSONFault.self) { try JSONParser.parse(bytes) }
    }

    @Test("refuses UTF-16, with and without a byte order mark")
    func utf16() {
        let text = "{\"a\":1}".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        for bytes in [text, [0xFF, 0xFE] + text, [0xFE, 0xFF, 0x00] + text, [0x00] + text] {
            #expect(throws: JSONFault.self) { try JSONParser.parse(bytes) }
        }
    }

    @Test(
        "refuses a name that stands twice, however it is spelled",
        arguments: ["{\"a\":1,\"a\":1}", "{\"a\":1,\"b\":2,\"\\u0061\":3}", "[{\"\":1,\"\":2}]"]
    )
    func duplicates(text: String) {
        #expect(throws: JSONFault.self) { try parse(text) }
    }

    @Test("compares names as bytes: composed and decomposed letters are two names")
    func namesAreBytes() throws {
        let value = try parse("{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(value["\u{E9}"] == .integer(1))
        #expect(value["e\u{301}"] == .integer(2))
    }

    @Test("finds a repeated name among few and among many", arguments: [1, 11, 12, 13, 100, 5000])
    func duplicatesAmongMany(count: Int) throws {
        let names = (0..<count).map { "\"n\($0)\":0" }
        #expect(try members(parse("{" + names.joined(separator: ",") + "}")) == count)
        for repeated in [0, count / 2, count - 1] {
            #expect(throws: JSONFault(message: "The JSON holds the name \"n\(repeated)\" twice.")) {
                try parse("{" + (names + ["\"n\(repeated)\":1"]).joined(separator: ",") + "}")
            }
        }
    }

    @Test("takes 10,000 members and refuses one more, and 20,000 as soon as it has seen so many")
    func memberLimit() throws {
        func object(_ count: Int) -> String {
            "{" + (0..<count).map { "\"n\($0)\":\($0)" }.joined(separator: ",") + "}"
        }
        #expect(try members(parse(object(10_000))) == 10_000)
        for count in [10_001, 20_000] {
            #expect(throws: JSONFault(message: "The JSON object is too large.")) { try parse(object(count)) }
        }
    }

    @Test("nests 32 deep and no deeper", arguments: ["[", "{\"a\":"])
    func depth(opening: String) throws {
        let closing = opening == "[" ? "]" : "}"
        func nested(_ depth: Int) -> String {
            String(repeating: opening, count: depth) + "1" + String(repeating: closing, count: depth)
        }
        _ = try parse(nested(32))
        for depth in [33, 500, 200_000] {
            #expect(throws: JSONFault(message: "The JSON is nested too deeply.")) { try parse(nested(depth)) }
        }
    }

    @Test("says where a text goes wrong")
    func position() {
        #expect(throws: JSONFault(message: "The body is not valid JSON (at byte 5).")) { try parse("[1, x]") }
        #expect(throws: JSONFault(message: "The JSON ends too early.")) { try parse("{\"a\":") }
        #expect(throws: JSONFault(message: "There is text after the JSON value.")) { try parse("1 1") }
    }

    @Test("answers or refuses any bytes, and never ends the process")
    func fuzz() throws {
        var dice = Dice(for: "JSON fuzz")
        let good = Array(#"{"a":[1,-2.5e3,"x\u00e9\n\ud834\udd1e",true,null,{"b":"\\\"","c":[]}],"d":""}"#.utf8)
        let pieces = Array(#"{}[]",:\/u0123456789dDeE+-.tfn "#.utf8) + [0, 0x80, 0xC3, 0xED, 0xFF]
        var accepted = 0
        for round in 0..<30_000 {
            var bytes: [UInt8]
            switch round % 3 {
            case 0:
                bytes = (0..<dice.roll(0...40)).map { _ in UInt8(dice.roll(0...255)) }
            case 1:
                bytes = (0..<dice.roll(0...40)).map { _ in dice.pick(pieces) }
            default:
                bytes = good
                for _ in 0..<dice.roll(0...3) { bytes[dice.roll(0...bytes.count - 1)] = dice.pick(pieces) }
                if dice.roll(0...3) == 0 { bytes.removeLast(dice.roll(0...bytes.count)) }
            }
            do {
                // What was accepted is written as text that reads as the same.
                let value = try JSONParser.parse(bytes)
                accepted += 1
                #expect(
                    try JSONParser.parse(JSONEncoding.bytes(of: value)) == value,
                    "seed \(dice.seed), round \(round)"
                )
            } catch {
                #expect(error is JSONFault, "seed \(dice.seed), round \(round)")
            }
        }
        #expect(accepted > 1000)
    }

    private func parse(_ text: String) throws -> JSONValue { try JSONParser.parse(Array(text.utf8)) }

    private func members(_ value: JSONValue) -> Int {
        if case .object(let members) = value { members.count } else { 0 }
    }
}
