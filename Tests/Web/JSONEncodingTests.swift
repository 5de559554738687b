import Testing

@testable import Web

@Suite("The JSON encoding")
struct JSONEncodingTests {
    struct Order: Codable, Equatable {
        struct Line: Codable, Equatable {
            var zeta = 1
            var alpha = "a"
        }

        enum State: String, Codable { case open, closed }

        var zebra = "z"
        var count = -5
        var big: UInt64 = .max
        var small: Int8 = .min
        var ratio = 0.25
        var isDone = false
        var state = State.closed
        var line = Line()
        var lines = [Line(), Line(zeta: 2, alpha: "b")]
        var grid = [[1, 2], [], [3]]
        var names: [String: Int] = ["one": 1]
        var missing: Int?
        var present: Int? = 7
        var holes: [Int?] = [1, nil, 3]
        var apple = 1
    }

    @Test("writes members in the order of their declaration, and nothing for a missing one")
    func order() throws {
        #expect(
            try text(Order())
                == #"{"zebra":"z","count":-5,"big":18446744073709551615,"small":-128,"ratio":0.25,"isDone":false,"#
                + #""state":"closed","line":{"zeta":1,"alpha":"a"},"lines":[{"zeta":1,"alpha":"a"},{"zeta":2,"alpha":"b"}],"#
                + #""grid":[[1,2],[],[3]],"names":{"one":1},"present":7,"holes":[1,null,3],"apple":1}"#
        )
    }

    @Test(
        "escapes what would end the string, and what HTML would read",
        arguments: [
            ("", "\"\""), ("\"\\/", #""\"\\/""#), ("\n\r\t", #""\n\r\t""#),
            ("\0\u{1}\u{1F}\u{7F}", #""\u0000\u0001\u001f\u007f""#),
            ("</script>&", #""\u003c/script\u003e\u0026""#), ("é€𝄞", "\"é€𝄞\""), ("<", #""\u003c""#),
            ("a<b", #""a\u003cb""#),
        ]
    )
    func escapes(value: String, json: String) throws {
        #expect(try text(value) == json)
        #expect(try text([value: value]) == "{\(json):\(json)}")
        // The parser refuses NUL, even escaped.
        if !value.utf8.contains(0) { #expect(try JSONParser.parse(Array(json.utf8)) == .string(value)) }
    }

    struct Nothing: Codable {}

    struct Silent: Encodable {
        func encode(to encoder: any Encoder) {}
    }

    @Test("writes a type without members as an empty object, wherever it stands")
    func empty() throws {
        #expect(try text(Nothing()) == "{}")
        #expect(try text(Silent()) == "{}")
        #expect(try text(Empty()) == "{}")
        #expect(try text([Nothing(), Nothing()]) == "[{},{}]")
        #expect(try text(["a": Silent()]) == #"{"a":{}}"#)
        #expect(try text([Int]()) == "[]")
        #expect(try text([String: Int]()) == "{}")
        #expect(try text([[[Int]]]([[[]], []])) == "[[[]],[]]")
    }

    @Test("writes scalars and null at the top")
    func scalars() throws {
        #expect(try text(Int?.none) == "null")
        #expect(try text(Int?.some(3)) == "3")
        #expect(try text("a") == "\"a\"")
        #expect(try text(true) == "true")
        #expect(try text(Int64.min) == "-9223372036854775808")
        #expect(try text(Nullable<Int>(nil)) == "null")
        #expect(try text([Nullable(1), Nullable(nil)]) == "[1,null]")
        #expect(try text(Order.State.open) == "\"open\"")
    }

    @Test(
        "writes doubles so that they read as the same double",
        arguments: [0, -0.0, 0.1, 1e16, .leastNonzeroMagnitude, 1.7976931348623157e308]
    )
    func doubles(number: Double) throws {
        let json = try text(number)
        _ = try JSONParser.parse(Array(json.utf8))
        #expect(Double(json)?.bitPattern == number.bitPattern)
    }

    struct Measured: Encodable {
        let before = 1
        let value: Double
    }

    @Test("refuses numbers that are none", arguments: [Double.nan, .infinity, -.infinity])
    func notFinite(number: Double) {
        #expect(throws: (any Error).self) { try text(number) }
        #expect(throws: (any Error).self) { try text([1, number]) }
        #expect(throws: (any Error).self) { try text(Measured(value: number)) }
        #expect(throws: (any Error).self) { try text(["a": Float(number)]) }
    }

    struct Cautious: Encodable {
        enum CodingKeys: CodingKey { case bad, good }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try? container.encode(Double.nan, forKey: .bad)
            try container.encode(1, forKey: .good)
        }
    }

    @Test("stays refused when a type catches the refusal and goes on")
    func caught() {
        #expect(throws: (any Error).self) { try text(Cautious()) }
        #expect(throws: (any Error).self) { try text([Cautious()]) }
    }

    class Base: Encodable {
        let base = 1
    }

    final class Derived: Base {
        enum CodingKeys: CodingKey { case derived }

        override func encode(to encoder: any Encoder) throws {
            try super.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode([2], forKey: .derived)
        }
    }

    @Test("writes a class and its superclass, which both ask for a container, as one object")
    func superclass() throws {
        #expect(try text(Derived()) == #"{"base":1,"derived":[2]}"#)
        #expect(try text([Derived(), Derived()]) == #"[{"base":1,"derived":[2]},{"base":1,"derived":[2]}]"#)
    }

    /// Does what a closure says, to encode as no synthesised code would.
    struct Odd: Encodable {
        enum CodingKeys: CodingKey { case a, b }

        let body: @Sendable (any Encoder) throws -> Void

        func encode(to encoder: any Encoder) throws { try body(encoder) }
    }

    @Test("goes on with the same array when it is asked for twice")
    func arrayTwice() throws {
        let odd = Odd { encoder in
            var first = encoder.unkeyedContainer()
            try first.encode([1])
            var second = encoder.unkeyedContainer()
            try second.encodeNil()
            try second.encode(["a": 2])
        }
        #expect(try text(odd) == #"[[1],null,{"a":2}]"#)
        #expect(try text(["x": odd]) == #"{"x":[[1],null,{"a":2}]}"#)
    }

    static let wrong: [(String, @Sendable (any Encoder) throws -> Void)] = [
        (
            "an object, then an array",
            { encoder in
                var object = encoder.container(keyedBy: Odd.CodingKeys.self)
                try object.encode(1, forKey: .a)
                var array = encoder.unkeyedContainer()
                try array.encode(2)
            }
        ),
        (
            "two scalars",
            { encoder in
                var container = encoder.singleValueContainer()
                try container.encode(1)
                try container.encode(2)
            }
        ),
        (
            "an object, then a scalar",
            { encoder in
                var object = encoder.container(keyedBy: Odd.CodingKeys.self)
                try object.encode(1, forKey: .a)
                var scalar = encoder.singleValueContainer()
                try scalar.encode("x")
            }
        ),
        (
            "a scalar, then an object",
            { encoder in
                var scalar = encoder.singleValueContainer()
                try scalar.encodeNil()
                var object = encoder.container(keyedBy: Odd.CodingKeys.self)
                try object.encode(1, forKey: .a)
            }
        ),
        (
            "a raw value, then a scalar",
            { encoder in
                try JSONValue.integer(1).encode(to: encoder)
                try JSONValue.integer(2).encode(to: encoder)
            }
        ),
        (
            "a nested object",
            { encoder in
                var object = encoder.container(keyedBy: Odd.CodingKeys.self)
                var nested = object.nestedContainer(keyedBy: Odd.CodingKeys.self, forKey: .a)
                try nested.encode(1, forKey: .b)
            }
        ),
        (
            "a nested array",
            { encoder in
                var array = encoder.unkeyedContainer()
                var nested = array.nestedUnkeyedContainer()
                try nested.encode(1)
            }
        ),
        (
            "a super encoder",
            { encoder in
                var object = encoder.container(keyedBy: Odd.CodingKeys.self)
                try 1.encode(to: object.superEncoder())
            }
        ),
    ]

    @Test("refuses a type that would not come out as JSON", arguments: wrong.indices)
    func refusesMixtures(index: Int) {
        let (name, body) = Self.wrong[index]
        #expect(throws: (any Error).self, "\(name)") { try text(Odd(body: body)) }
        #expect(throws: (any Error).self, "\(name), inside") { try text(["x": [Odd(body: body)]]) }
    }

    enum Choice: Encodable {
        case number(Int)
    }

    @Test("refuses an enumeration with values, whose form nobody chose")
    func associatedValues() {
        #expect(throws: (any Error).self) { try text(Choice.number(1)) }
    }

    struct Raw: Encodable {
        let first: JSONValue
        let maybe: JSONValue?
        let list: [JSONValue]
        let last = 9
    }

    @Test("writes JSON values inside records")
    func valuesInside() throws {
        let inner = JSONValue.object([.init("b", .array([.null, .decimal("1.50")])), .init("a", .text("<"))])
        #expect(
            try text(Raw(first: inner, maybe: .array([]), list: [inner, .integer(1)]))
                == #"{"first":{"b":[null,1.50],"a":"\u003c"},"maybe":[],"list":[{"b":[null,1.50],"a":"\u003c"},1],"last":9}"#
        )
        #expect(try text(AnyJSON(inner)) == #"{"b":[null,1.50],"a":"\u003c"}"#)
    }

    struct Price: Encodable, JSONEncoding.Literal {
        func writeJSON(into out: inout [UInt8]) { out += Array("3.50".utf8) }
    }

    @Test("lets a literal write its own text, also through an optional")
    func literals() throws {
        #expect(try text(Price()) == "3.50")
        #expect(try text([Price?.some(Price()), nil]) == "[3.50,null]")
        #expect(try text(["a": Price()]) == #"{"a":3.50}"#)
    }

    @Test("writes any value as text that reads as the same value")
    func roundTrip() throws {
        var dice = Dice(for: "JSON round trip")
        for round in 0..<3000 {
            let value = Self.value(&dice, depth: 0)
            let bytes = try JSONEncoding.bytes(of: AnyJSON(value))
            #expect(try JSONParser.parse(bytes) == value, "seed \(dice.seed), round \(round)")
            #expect(bytes == JSONEncoding.bytes(of: value), "seed \(dice.seed), round \(round)")
        }
    }

    private static func value(_ dice: inout Dice, depth: Int) -> JSONValue {
        switch dice.roll(0...(depth < 5 ? 7 : 5)) {
        case 0: return .null
        case 1: return .bool(dice.roll(0...1) == 0)
        case 2: return .integer(Int64(bitPattern: dice.next()))
        case 3: return .integer(Int64(dice.roll(-100...100)))
        case 4: return .decimal("\(dice.roll(-999...999)).\(dice.roll(0...999))")
        case 5: return .string(string(&dice))
        case 6: return .array((0..<dice.roll(0...5)).map { _ in value(&dice, depth: depth + 1) })
        default:
            return .object(
                (0..<dice.roll(0...20)).map { .init("\($0):\(string(&dice))", value(&dice, depth: depth + 1)) }
            )
        }
    }

    private static func string(_ dice: inout Dice) -> String {
        var text = ""
        for _ in 0..<dice.roll(0...8) {
            // NUL is what the parser refuses, so a round trip has none.
            let ranges: [ClosedRange<Int>] = [1...0x7F, 0x80...0x7FF, 0xE000...0xFFFF, 0x10000...0x10FFFF]
            if let scalar = Unicode.Scalar(UInt32(dice.roll(dice.pick(ranges)))) { text.unicodeScalars.append(scalar) }
        }
        return text
    }

    private func text(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoding.bytes(of: value), as: UTF8.self)
    }
}
