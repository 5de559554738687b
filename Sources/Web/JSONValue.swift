/// One value of a request: parsed JSON, or the text of a path segment, query item or form field.
public enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// A JSON number with a fraction or an exponent, or too long for 64 bits: its text as sent.
    case decimal(String)
    case string(String)
    /// Untyped text from outside a JSON body; decodes as whatever the field wants.
    case text(String)
    case array([JSONValue])
    case object([Member])

    public struct Member: Sendable, Equatable {
        public let name: String
        public let value: JSONValue

        public init(_ name: String, _ value: JSONValue) {
            (self.name, self.value) = (name, value)
        }

        /// Names are compared as bytes; most differ in length already.
        func isNamed(_ other: String) -> Bool {
            name.utf8.count == other.utf8.count && name.utf8.elementsEqual(other.utf8)
        }
    }

    /// What this is, in the words of an error message.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .decimal: "a number"
        case .string, .text: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// The member of that name; nil for other kinds.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.isNamed(name) }?.value
    }

    /// The text of a string value, nil for other kinds.
    public var string: String? {
        switch self {
        case .string(let text), .text(let text): text
        default: nil
        }
    }

    /// The value of an integer, nil for other kinds.
    public var integer: Int64? {
        if case .integer(let number) = self { number } else { nil }
    }
}

extension JSONValue: Encodable {
    public func encode(to encoder: any Encoder) throws {
        if let direct = encoder as? JSONEncoding {
            direct.begin(.scalar)
            direct.write(self)
            return
        }
        var container = encoder.singleValueContainer()
        try container.encode(String(decoding: JSONEncoding.bytes(of: self), as: UTF8.self))
    }
}
