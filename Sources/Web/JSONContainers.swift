/// The three containers through which synthesised `encode(to:)` writes into a ``JSONEncoding``.
struct JSONObjectEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoding: JSONEncoding
    var codingPath: [any CodingKey] { [] }

    private func name(_ key: Key) {
        encoding.separate(in: .object)
        JSONEncoding.write(string: key.stringValue, into: &encoding.out)
        encoding.out.append(UInt8(ascii: ":"))
    }

    func encodeNil(forKey key: Key) throws {
        name(key)
        JSONEncoding.write("null", into: &encoding.out)
    }

    func encode(_ value: Bool, forKey key: Key) throws {
        name(key)
        JSONEncoding.write(value ? "true" : "false", into: &encoding.out)
    }

    func encode(_ value: String, forKey key: Key) throws {
        name(key)
        JSONEncoding.write(string: value, into: &encoding.out)
    }

    func encode(_ value: Int, forKey key: Key) throws {
        name(key)
        JSONEncoding.write(integer: value, into: &encoding.out)
    }

    func encode(_ value: Int64, forKey key: Key) throws {
        name(key)
        JSONEncoding.write(integer: value, into: &encoding.out)
    }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        name(key)
        try encoding.encodeChild(value)
    }

    func nestedContainer<N: CodingKey>(keyedBy: N.Type, forKey key: Key) -> KeyedEncodingContainer<N> {
        encoding.failed = true
        return KeyedEncodingContainer(JSONObjectEncoding<N>(encoding: encoding))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoding.failed = true
        return JSONArrayEncoding(encoding: encoding)
    }

    func superEncoder() -> any Encoder {
        encoding.failed = true
        return encoding
    }

    func superEncoder(forKey key: Key) -> any Encoder { superEncoder() }
}

struct JSONArrayEncoding: UnkeyedEncodingContainer {
    let encoding: JSONEncoding
    var codingPath: [any CodingKey] { [] }
    private(set) var count = 0

    init(encoding: JSONEncoding) {
        self.encoding = encoding
    }

    mutating func encodeNil() throws {
        count += 1
        encoding.separate(in: .array)
        JSONEncoding.write("null", into: &encoding.out)
    }

    mutating func encode<T: Encodable>(_ value: T) throws {
        count += 1
        encoding.separate(in: .array)
        try encoding.encodeChild(value)
    }

    func nestedContainer<N: CodingKey>(keyedBy: N.Type) -> KeyedEncodingContainer<N> {
        encoding.failed = true
        return KeyedEncodingContainer(JSONObjectEncoding<N>(encoding: encoding))
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        encoding.failed = true
        return self
    }

    func superEncoder() -> any Encoder {
        encoding.failed = true
        return encoding
    }
}

struct JSONScalarEncoding: SingleValueEncodingContainer {
    let encoding: JSONEncoding
    var codingPath: [any CodingKey] { [] }

    func encodeNil() throws {
        encoding.begin(.scalar)
        JSONEncoding.write("null", into: &encoding.out)
    }

    func encode(_ value: Bool) throws {
        encoding.begin(.scalar)
        JSONEncoding.write(value ? "true" : "false", into: &encoding.out)
    }

    func encode(_ value: String) throws {
        encoding.begin(.scalar)
        JSONEncoding.write(string: value, into: &encoding.out)
    }

    private func write(_ value: some FixedWidthInteger) {
        encoding.begin(.scalar)
        JSONEncoding.write(integer: value, into: &encoding.out)
    }

    func encode(_ value: Int) throws { write(value) }
    func encode(_ value: Int8) throws { write(value) }
    func encode(_ value: Int16) throws { write(value) }
    func encode(_ value: Int32) throws { write(value) }
    func encode(_ value: Int64) throws { write(value) }
    func encode(_ value: UInt) throws { write(value) }
    func encode(_ value: UInt8) throws { write(value) }
    func encode(_ value: UInt16) throws { write(value) }
    func encode(_ value: UInt32) throws { write(value) }
    func encode(_ value: UInt64) throws { write(value) }
    func encode(_ value: Float) throws { try encode(Double(value)) }

    /// JSON has no infinities; a number that is none is a mistake of ours, never an answer.
    func encode(_ value: Double) throws {
        encoding.begin(.scalar)
        guard value.isFinite else { throw JSONEncoding.Unsupported() }
        encoding.out.append(contentsOf: "\(value)".utf8)
    }

    func encode<T: Encodable>(_ value: T) throws {
        encoding.begin(.scalar)
        try encoding.encodeChild(value)
    }
}
