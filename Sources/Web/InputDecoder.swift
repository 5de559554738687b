/// A field of a request that does not decode: its dotted path and a sentence about it.
public struct FieldFault: Error, Equatable {
    public let field: String
    public let message: String

    public init(field: String, message: String) {
        (self.field, self.message) = (field, message)
    }
}

/// Thrown by a type's own `init(from:)`; the decoder adds the field's name.
public struct ValueFault: Error, Equatable {
    public let message: String

    public init(_ message: String) {
        self.message = message
    }
}

/// Decodes an endpoint's input out of a ``JSONValue``.
///
/// Text from paths, queries and forms decodes as numbers and booleans too; JSON strings do not.
/// Members that the input does not name are ignored, as the older clients' extras must be.
public struct InputDecoder: Decoder {
    let value: JSONValue
    let path: String

    public var codingPath: [any CodingKey] { [] }
    public var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ value: JSONValue, at path: String) {
        (self.value, self.path) = (value, path)
    }

    /// - Throws: ``FieldFault``.
    public static func decode<T: Decodable>(_ type: T.Type, from value: JSONValue) throws -> T {
        try InputDecoder(value, at: "").whole(type)
    }

    /// The value under this decoder, for types that read more than one kind of JSON.
    public static func value(of decoder: any Decoder) -> JSONValue? {
        (decoder as? InputDecoder)?.value
    }

    func whole<T: Decodable>(_ type: T.Type) throws -> T {
        if let value = value as? T { return value }
        do {
            return try T(from: self)
        } catch let fault as ValueFault {
            throw FieldFault(field: path, message: fault.message)
        } catch is DecodingError {
            throw FieldFault(field: path, message: "is not one of the values allowed here")
        }
    }

    func fault(wanted: String) -> FieldFault {
        FieldFault(field: path, message: "must be \(wanted), not \(value.kind)")
    }

    func integer() throws -> Int64 {
        switch value {
        case .integer(let number): return number
        case .decimal(let text):
            // 100.0 is a whole number (JSON Schema 2020-12, section 4.2.1), and how some programs write 100.
            let parts = text.split(separator: ".", maxSplits: 1)
            guard parts.count == 2, parts[1].utf8.allSatisfy({ $0 == UInt8(ascii: "0") }), let number = Int64(parts[0])
            else { throw FieldFault(field: path, message: "must be a whole number within 64 bits") }
            return number
        case .text(let text):
            guard let number = Int64(text) else { throw fault(wanted: "a whole number") }
            return number
        default: throw fault(wanted: "a whole number")
        }
    }

    func number<N: FixedWidthInteger>(_: N.Type) throws -> N {
        guard let number = N(exactly: try integer()) else {
            throw FieldFault(field: path, message: "is out of range")
        }
        return number
    }

    func double() throws -> Double {
        let text: String
        switch value {
        case .integer(let number): return Double(number)
        case .decimal(let number), .text(let number): text = number
        default: throw fault(wanted: "a number")
        }
        guard let number = Double(text), number.isFinite else {
            throw FieldFault(field: path, message: "is not a number in range")
        }
        return number
    }

    func flag() throws -> Bool {
        switch value {
        case .bool(let flag): return flag
        case .text("true"), .text("1"): return true
        case .text("false"), .text("0"): return false
        default: throw fault(wanted: "a boolean")
        }
    }

    func string() throws -> String {
        guard let text = value.string else { throw fault(wanted: "a string") }
        return text
    }

    public func container<Key: CodingKey>(keyedBy: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = value else { throw fault(wanted: "an object") }
        return KeyedDecodingContainer(InputObject<Key>(members: members, path: path))
    }

    public func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let items) = value else { throw fault(wanted: "an array") }
        return InputArray(items: items, path: path)
    }

    public func singleValueContainer() throws -> any SingleValueDecodingContainer {
        InputScalar(decoder: self)
    }
}
