/// Writes an `Encodable` as JSON text, straight into one buffer and in the order of its declaration.
///
/// Ours and not Foundation's because every answer passes here: that one builds a tree first, takes three to
/// four times as long, puts members in random order, and has no exact decimal that is not a `Decimal`.
/// Values nest by `encode(_:forKey:)`, as synthesised code does; `nestedContainer` and `superEncoder` are not offered,
/// and asking for them makes the whole fail rather than come out wrong.
public final class JSONEncoding: Encoder {
    /// A type that writes its own JSON text, such as an amount of money.
    public protocol Literal {
        func writeJSON(into out: inout [UInt8])
    }

    struct Unsupported: Error {}

    var out: [UInt8]
    /// Set where a type did what this encoder does not offer: its text would not be JSON.
    var failed = false

    /// What the value being encoded has turned out to be so far; closed when its `encode(to:)` has returned.
    private var shape = Shape.undecided
    private var isEmpty = true

    enum Shape { case undecided, scalar, object, array }

    public var codingPath: [any CodingKey] { [] }
    public var userInfo: [CodingUserInfoKey: Any] { [:] }

    private init(capacity: Int) {
        out = []
        out.reserveCapacity(capacity)
    }

    /// - Throws: what the value's own `encode(to:)` throws; an error of ours when it asks for nested containers or
    ///   writes one value as two kinds.
    public static func bytes(of value: some Encodable, capacity: Int = 512) throws -> [UInt8] {
        let encoding = JSONEncoding(capacity: capacity)
        try encoding.encodeValue(value)
        if encoding.failed { throw Unsupported() }
        return encoding.out
    }

    static func bytes(of value: JSONValue) -> [UInt8] {
        let encoding = JSONEncoding(capacity: 512)
        encoding.write(value)
        return encoding.out
    }

    private func encodeValue<T: Encodable>(_ value: T) throws {
        if let literal = value as? any Literal {
            literal.writeJSON(into: &out)
            return
        }
        do {
            try value.encode(to: self)
        } catch {
            // Its half is in the buffer: nobody may catch this and go on.
            failed = true
            throw error
        }
        switch shape {
        case .scalar:
            break
        case .undecided:
            // A type without members may ask for no container at all.
            Self.write("{}", into: &out)
        case .object:
            if isEmpty { out.append(UInt8(ascii: "{")) }
            out.append(UInt8(ascii: "}"))
        case .array:
            if isEmpty { out.append(UInt8(ascii: "[")) }
            out.append(UInt8(ascii: "]"))
        }
    }

    /// Encodes a child, keeping the shape of the parent aside.
    func encodeChild<T: Encodable>(_ value: T) throws {
        let parent = (shape, isEmpty)
        (shape, isEmpty) = (.undecided, true)
        defer { (shape, isEmpty) = parent }
        try encodeValue(value)
    }

    /// Notes what the value is; asking twice for an object or an array goes on with the same one.
    func begin(_ new: Shape) {
        if shape == .undecided {
            shape = new
        } else if shape != new || new == .scalar {
            failed = true
        }
    }

    /// What stands before the next member or item.
    func separate(in container: Shape) {
        guard shape == container else {
            failed = true
            return
        }
        if isEmpty {
            isEmpty = false
            out.append(shape == .array ? UInt8(ascii: "[") : UInt8(ascii: "{"))
        } else {
            out.append(UInt8(ascii: ","))
        }
    }

    public func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        begin(.object)
        return KeyedEncodingContainer(JSONObjectEncoding<Key>(encoding: self))
    }

    public func unkeyedContainer() -> any UnkeyedEncodingContainer {
        begin(.array)
        return JSONArrayEncoding(encoding: self)
    }

    public func singleValueContainer() -> any SingleValueEncodingContainer {
        JSONScalarEncoding(encoding: self)
    }
}

// MARK: Writing text

extension JSONEncoding {
    func write(_ value: JSONValue) {
        switch value {
        case .null: Self.write("null", into: &out)
        case .bool(let flag): Self.write(flag ? "true" : "false", into: &out)
        case .integer(let number): Self.write(integer: number, into: &out)
        case .decimal(let text): out.append(contentsOf: text.utf8)
        case .string(let text), .text(let text): Self.write(string: text, into: &out)
        case .array(let items):
            out.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                write(item)
            }
            out.append(UInt8(ascii: "]"))
        case .object(let members):
            out.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                Self.write(string: member.name, into: &out)
                out.append(UInt8(ascii: ":"))
                write(member.value)
            }
            out.append(UInt8(ascii: "}"))
        }
    }

    public static func write(_ text: StaticString, into out: inout [UInt8]) {
        text.withUTF8Buffer { out.append(contentsOf: $0) }
    }

    public static func write(integer number: some FixedWidthInteger, into out: inout [UInt8]) {
        if number < 0 { out.append(UInt8(ascii: "-")) }
        var rest = UInt64(number.magnitude)
        let start = out.count
        repeat {
            out.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        out[start...].reverse()
    }

    /// A JSON string; `<`, `>` and `&` are escaped too, so that the text is inert inside HTML.
    public static func write(string text: String, into out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        var copy = text
        copy.withUTF8 { bytes in
            var clean = 0
            for index in bytes.indices where needsEscape(bytes[index]) {
                out.append(contentsOf: bytes[clean..<index])
                escape(bytes[index], into: &out)
                clean = index + 1
            }
            out.append(contentsOf: bytes[clean...])
        }
        out.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "<")
            || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "&") || byte == 0x7F
    }

    private static func escape(_ byte: UInt8, into out: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""): write("\\\"", into: &out)
        case UInt8(ascii: "\\"): write("\\\\", into: &out)
        case 0x0A: write("\\n", into: &out)
        case 0x0D: write("\\r", into: &out)
        case 0x09: write("\\t", into: &out)
        default:
            write("\\u00", into: &out)
            let digits = Array("0123456789abcdef".utf8)
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 15)])
        }
    }
}
