import Testing

@testable import Web

@Suite("A schema")
struct SchemaTests {
    enum Colour: String, Codable, CaseIterable, Documented {
        case red, green

        static var sample: Colour { .red }
    }

    struct Inner: Codable {
        let id: Int64
        var note: Text<0, 9>?
    }

    struct Everything: Codable {
        let text: String
        let bounded: Text<1, 80>
        let whole: Whole<0, 5>
        let number: Int
        let ratio: Double
        let flag: Bool
        let colour: Colour
        let inner: Inner
        let list: [Inner]
        let table: [String: Double]
        let nullable: Nullable<Int>
        let any: AnyJSON
        var maybeText: String?
        var maybeNumber: Int?
        var maybeLong: Int64?
        var maybeFlag: Bool?
        var maybeRatio: Double?
        var maybeInner: Inner?
        var maybeList: [String]?
    }

    static let inner = Schema.object([
        .init("id", .integer(min: nil, max: nil), isRequired: true),
        .init("note", .string(min: 0, max: 9, pattern: nil, format: nil), isRequired: false),
    ])
    static let text = Schema.string(min: nil, max: nil, pattern: nil, format: nil)

    @Test("is read from a type's own decoding, each kind of field in its place")
    func probe() {
        let integer = Schema.integer(min: nil, max: nil)
        let wanted: [(String, Schema, Bool)] = [
            ("text", Self.text, true), ("bounded", .string(min: 1, max: 80, pattern: nil, format: nil), true),
            ("whole", .integer(min: 0, max: 5), true), ("number", integer, true),
            ("ratio", .number(description: nil), true),
            ("flag", .boolean, true), ("colour", .choice(["red", "green"]), true), ("inner", Self.inner, true),
            ("list", .array(Self.inner, max: nil), true), ("table", .map(.number(description: nil)), true),
            ("nullable", .nullable(integer), true), ("any", .any, true), ("maybeText", Self.text, false),
            ("maybeNumber", integer, false), ("maybeLong", integer, false), ("maybeFlag", .boolean, false),
            ("maybeRatio", .number(description: nil), false), ("maybeInner", Self.inner, false),
            ("maybeList", .array(Self.text, max: nil), false),
        ]
        let found = Schema.probing(Everything.self).properties
        #expect(found.map(\.name) == wanted.map(\.0))
        for (property, wanted) in zip(found, wanted) {
            #expect(property.schema == wanted.1, "\(wanted.0)")
            #expect(property.isRequired == wanted.2, "\(wanted.0)")
        }
    }

    @Test("of a type without fields is an empty object, of a type that looks at values anything")
    func extremes() {
        struct Picky: Decodable {
            init(from decoder: any Decoder) throws { _ = try decoder.singleValueContainer() }
        }
        #expect(Schema.probing(Empty.self) == .object([]))
        #expect(Schema.probing(Picky.self) == .any)
    }

    @Test(
        "is written as JSON Schema",
        arguments: [
            (.any, "{}"), (.boolean, #"{"type":"boolean"}"#), (.integer(min: nil, max: nil), #"{"type":"integer"}"#),
            (.integer(min: 0, max: 9), #"{"type":"integer","minimum":0,"maximum":9}"#),
            (.number(description: "Dollars."), #"{"type":"number","description":"Dollars."}"#),
            (text, #"{"type":"string"}"#),
            (
                .string(min: 1, max: 2, pattern: "^a$", format: "email"),
                #"{"type":"string","minLength":1,"maxLength":2,"pattern":"^a$","format":"email"}"#
            ),
            (.choice(["a", "b"]), #"{"type":"string","enum":["a","b"]}"#),
            (.array(.boolean, max: 3), #"{"type":"array","items":{"type":"boolean"},"maxItems":3}"#),
            (.map(.boolean), #"{"type":"object","additionalProperties":{"type":"boolean"}}"#),
            (.nullable(.boolean), #"{"anyOf":[{"type":"boolean"},{"type":"null"}]}"#),
            (.object([]), #"{"type":"object","properties":{}}"#),
            (
                .object([.init("a", .boolean, isRequired: true), .init("b", .any, isRequired: false)]),
                #"{"type":"object","properties":{"a":{"type":"boolean"},"b":{}},"required":["a"]}"#
            ),
        ] as [(Schema, String)]
    )
    func json(schema: Schema, text: String) {
        #expect(String(decoding: JSONEncoding.bytes(of: schema.json), as: UTF8.self) == text)
    }
}
