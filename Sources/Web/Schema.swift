/// The shape of a value, as OpenAPI 3.1 (JSON Schema 2020-12) describes it.
public indirect enum Schema: Sendable, Equatable {
    case any
    case boolean
    case integer(min: Int64?, max: Int64?)
    case number(description: String?)
    case string(min: Int?, max: Int?, pattern: String?, format: String?)
    case choice([String])
    case array(Schema, max: Int?)
    case map(Schema)
    case nullable(Schema)
    case object([Property])

    public struct Property: Sendable, Equatable {
        public let name: String
        public let schema: Schema
        public let isRequired: Bool

        public init(_ name: String, _ schema: Schema, isRequired: Bool) {
            (self.name, self.schema, self.isRequired) = (name, schema, isRequired)
        }
    }

    /// The properties of an object, none for other kinds.
    public var properties: [Property] {
        if case .object(let properties) = self { properties } else { [] }
    }

    /// As a JSON Schema document.
    public var json: JSONValue {
        switch self {
        case .any: return .object([])
        case .boolean: return .object([.init("type", .string("boolean"))])
        case .integer(let min, let max):
            return .object(
                [.init("type", .string("integer"))]
                    + [
                        min.map { .init("minimum", .integer($0)) }, max.map { .init("maximum", .integer($0)) },
                    ].compactMap { $0 }
            )
        case .number(let description):
            let note = description.map { [JSONValue.Member("description", .string($0))] } ?? []
            return .object([.init("type", .string("number"))] + note)
        case .string(let min, let max, let pattern, let format):
            let bounds: [JSONValue.Member?] = [
                min.map { .init("minLength", .integer(Int64($0))) },
                max.map { .init("maxLength", .integer(Int64($0))) },
                pattern.map { .init("pattern", .string($0)) },
                format.map { .init("format", .string($0)) },
            ]
            return .object([.init("type", .string("string"))] + bounds.compactMap { $0 })
        case .choice(let values):
            return .object([.init("type", .string("string")), .init("enum", .array(values.map { .string($0) }))])
        case .array(let items, let max):
            let bound = max.map { [JSONValue.Member("maxItems", .integer(Int64($0)))] } ?? []
            return .object([.init("type", .string("array")), .init("items", items.json)] + bound)
        case .map(let value):
            return .object([.init("type", .string("object")), .init("additionalProperties", value.json)])
        case .nullable(let schema):
            return .object([.init("anyOf", .array([schema.json, .object([.init("type", .string("null"))])]))])
        case .object(let properties):
            return object(properties)
        }
    }

    private func object(_ properties: [Property]) -> JSONValue {
        let required = properties.filter(\.isRequired).map { JSONValue.string($0.name) }
        return .object(
            [
                .init("type", .string("object")),
                .init("properties", .object(properties.map { .init($0.name, $0.schema.json) })),
            ] + (required.isEmpty ? [] : [.init("required", .array(required))])
        )
    }
}

/// A type that knows its own schema and has a value to probe with.
public protocol Documented {
    static var schema: Schema { get }
    static var sample: Self { get }
}

extension Bool: Documented {
    public static var schema: Schema { .boolean }
    public static var sample: Bool { false }
}

extension Int: Documented {
    public static var schema: Schema { .integer(min: nil, max: nil) }
    public static var sample: Int { 0 }
}

extension Int64: Documented {
    public static var schema: Schema { .integer(min: nil, max: nil) }
    public static var sample: Int64 { 0 }
}

extension Double: Documented {
    public static var schema: Schema { .number(description: nil) }
    public static var sample: Double { 0 }
}

extension String: Documented {
    public static var schema: Schema { .string(min: nil, max: nil, pattern: nil, format: nil) }
    public static var sample: String { "" }
}

extension Text: Documented {
    public static var schema: Schema { .string(min: min, max: max, pattern: nil, format: nil) }
    public static var sample: Self { Self(unchecked: "") }

    private init(unchecked value: String) {
        self.value = value
    }
}

extension Whole: Documented {
    public static var schema: Schema { .integer(min: Int64(min), max: Int64(max)) }
    public static var sample: Self { Self(unchecked: Int64(min)) }

    private init(unchecked value: Int64) {
        self.value = value
    }
}

extension Nullable: Documented {
    public static var schema: Schema { .nullable(.probing(Value.self)) }
    public static var sample: Self { Self(nil) }
}

extension AnyJSON: Documented {
    public static var schema: Schema { .any }
    public static var sample: Self { Self(.null) }
}

extension Array: Documented where Element: Decodable {
    public static var schema: Schema { .array(.probing(Element.self), max: nil) }
    public static var sample: [Element] { [] }
}

extension Dictionary: Documented where Key == String, Value: Decodable {
    public static var schema: Schema { .map(.probing(Value.self)) }
    public static var sample: [String: Value] { [:] }
}

/// Enumerations of strings: their raw values are the choice.
extension Documented where Self: CaseIterable & RawRepresentable, RawValue == String {
    public static var schema: Schema { .choice(allCases.map(\.rawValue)) }
}
