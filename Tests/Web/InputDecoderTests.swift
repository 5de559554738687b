import Testing

@testable import Web

@Suite("The input decoder")
struct InputDecoderTests {
    enum Colour: String, Codable { case red, green }

    struct Item: Codable, Equatable {
        let id: Int
        var note: String?
    }

    struct Input: Codable {
        var name: Text<2, 5>?
        var count: Whole<1, 10>?
        var flag: Bool?
        var ratio: Double?
        var small: Int8?
        var big: Int64?
        var colour: Colour?
        var item: Item?
        var items: [Item]?
        var table: [String: Int]?
        var any: AnyJSON?
    }

    @Test(
        "names the field and the fault",
        arguments: [
            (#"{"name":5}"#, "name", "must be a string, not a number"),
            (#"{"name":"a"}"#, "name", "must be at least 2 characters long"),
            (#"{"name":"abcdef"}"#, "name", "must be at most 5 characters long"),
            (#"{"name":"ab\u0007"}"#, "name", "holds a control character"),
            (#"{"name":"ab\u0085"}"#, "name", "holds a control character"),
            (#"{"name":"ab\u007f"}"#, "name", "holds a control character"),
            (#"{"count":0}"#, "count", "must be from 1 to 10"),
            (#"{"count":11}"#, "count", "must be from 1 to 10"),
            (#"{"count":1.5}"#, "count", "must be a whole number within 64 bits"),
            (#"{"count":1e1}"#, "count", "must be a whole number within 64 bits"),
            (#"{"count":"3"}"#, "count", "must be a whole number, not a string"),
            (#"{"count":true}"#, "count", "must be a whole number, not a boolean"),
            (#"{"count":[3]}"#, "count", "must be a whole number, not an array"),
            (#"{"flag":"true"}"#, "flag", "must be a boolean, not a string"),
            (#"{"flag":1}"#, "flag", "must be a boolean, not a number"),
            (#"{"ratio":"0.5"}"#, "ratio", "must be a number, not a string"),
            (#"{"ratio":1e400}"#, "ratio", "is not a number in range"),
            (#"{"small":128}"#, "small", "is out of range"),
            (#"{"small":-129}"#, "small", "is out of range"),
            (#"{"big":9223372036854775808}"#, "big", "must be a whole number within 64 bits"),
            (#"{"colour":"blue"}"#, "colour", "is not one of the values allowed here"),
            (#"{"colour":1}"#, "colour", "must be a string, not a number"),
            (#"{"item":[]}"#, "item", "must be an object, not an array"),
            (#"{"item":{}}"#, "item.id", "is required"),
            (#"{"item":{"id":null}}"#, "item.id", "must be a whole number, not null"),
            (#"{"item":{"id":1,"note":2}}"#, "item.note", "must be a string, not a number"),
            (#"{"items":{}}"#, "items", "must be an array, not an object"),
            (#"{"items":[{"id":1},{"id":"x"}]}"#, "items[1].id", "must be a whole number, not a string"),
            (#"{"items":[{"id":1},null]}"#, "items[1]", "must be an object, not null"),
            (#"{"table":{"a":1,"b":"x"}}"#, "table.b", "must be a whole number, not a string"),
            ("[]", "", "must be an object, not an array"),
            ("3", "", "must be an object, not a number"),
        ]
    )
    func faults(json: String, field: String, message: String) throws {
        let value = try JSONParser.parse(Array(json.utf8))
        #expect(throws: FieldFault(field: field, message: message)) { try InputDecoder.decode(Input.self, from: value) }
    }

    struct Strict: Codable {
        let name: String
        let count: Int
        let items: [Item]
    }

    @Test("asks for each missing field by its name", arguments: ["name", "count", "items"])
    func missing(field: String) throws {
        let whole: [JSONValue.Member] = [
            .init("name", .string("a")), .init("count", .integer(1)), .init("items", .array([])),
        ]
        _ = try InputDecoder.decode(Strict.self, from: .object(whole))
        #expect(throws: FieldFault(field: field, message: "is required")) {
            try InputDecoder.decode(Strict.self, from: .object(whole.filter { $0.name != field }))
        }
    }

    @Test("takes null for a field that may be missing, and everything else as it is")
    func whole() throws {
        let nulls = try decode(#"{"name":null,"count":null,"flag":null,"items":null,"any":null,"extra":{"a":[1]}}"#)
        #expect(nulls.name == nil && nulls.count == nil && nulls.flag == nil && nulls.items == nil && nulls.any == nil)
        let input = try decode(
            #"{"name":"ab\n","count":10,"flag":false,"ratio":-0.5,"small":-128,"big":-9223372036854775808,"colour":"green","#
                + #""item":{"id":1,"note":"x","more":1},"items":[{"id":2}],"table":{"a":1},"any":{"a":[1.50]}}"#
        )
        #expect(input.name?.value == "ab\n")
        #expect(input.count?.value == 10)
        #expect(input.flag == false)
        #expect(input.ratio == -0.5)
        #expect(input.small == -128)
        #expect(input.big == .min)
        #expect(input.colour == .green)
        #expect(input.item == Item(id: 1, note: "x"))
        #expect(input.items == [Item(id: 2)])
        #expect(input.table == ["a": 1])
        #expect(input.any?.value == .object([.init("a", .array([.decimal("1.50")]))]))
    }

    @Test("reads whole numbers as doubles, and as whole numbers what has no fraction")
    func numbers() throws {
        #expect(try decode(#"{"ratio":2}"#).ratio == 2)
        #expect(try decode(#"{"big":2.0}"#).big == 2)
        #expect(throws: FieldFault.self) { try decode(#"{"big":2.5}"#) }
    }

    @Test(
        "counts Unicode scalars, not bytes",
        arguments: [("éé", true), ("ééééé", true), ("éééééé", false), ("𝄞", false)]
    )
    func lengths(text: String, fits: Bool) {
        #expect((Text<2, 5>(text) != nil) == fits)
    }

    @Test("compares field names as bytes")
    func names() throws {
        struct Accented: Codable { let é: Int? }
        #expect(try InputDecoder.decode(Accented.self, from: .object([.init("e\u{301}", .integer(1))])).é == nil)
        #expect(try InputDecoder.decode(Accented.self, from: .object([.init("\u{E9}", .integer(1))])).é == 1)
    }

    struct Query: Codable {
        var limit: Whole<1, 100>?
        var all: Bool?
        var ratio: Double?
        var name: String?
    }

    @Test(
        "reads text of paths and queries as what the field wants",
        arguments: [("limit", "7"), ("all", "true"), ("all", "1"), ("ratio", "0.5"), ("name", "7")]
    )
    func text(name: String, value: String) throws {
        let query = try InputDecoder.decode(Query.self, from: .object([.init(name, .text(value))]))
        switch name {
        case "limit": #expect(query.limit?.value == 7)
        case "all": #expect(query.all == true)
        case "ratio": #expect(query.ratio == 0.5)
        default: #expect(query.name == "7")
        }
    }

    @Test(
        "refuses text that is not what the field wants",
        arguments: [
            ("limit", ""), ("limit", " 7"), ("limit", "7.0"), ("limit", "٧"), ("limit", "101"),
            ("limit", "99999999999999999999"),
            ("all", "yes"), ("all", "TRUE"), ("all", ""), ("ratio", "nan"), ("ratio", "inf"), ("ratio", "1e999"),
            ("ratio", "x"),
        ]
    )
    func badText(name: String, value: String) {
        let error = #expect(throws: FieldFault.self) {
            try InputDecoder.decode(Query.self, from: .object([.init(name, .text(value))]))
        }
        #expect(error?.field == name)
    }

    private func decode(_ json: String) throws -> Input {
        try InputDecoder.decode(Input.self, from: JSONParser.parse(Array(json.utf8)))
    }
}
