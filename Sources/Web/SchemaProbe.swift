extension Schema {
    /// Reads the schema of a type by letting its synthesised `init(from:)` ask for its fields.
    ///
    /// Run once per type at start. A type whose own `init(from:)` looks at values says its schema itself,
    /// by ``Documented``; one that does neither is described as anything at all.
    public static func probing<T: Decodable>(_ type: T.Type) -> Schema {
        if let documented = type as? any Documented.Type { return documented.schema }
        let probe = SchemaProbe()
        guard (try? T(from: probe)) != nil else { return .any }
        return .object(probe.properties)
    }
}

/// A decoder that writes down which fields it is asked for and answers with samples.
private final class SchemaProbe: Decoder {
    var properties: [Schema.Property] = []

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    struct NotProbed: Error {}

    func container<Key: CodingKey>(keyedBy: Key.Type) throws -> KeyedDecodingContainer<Key> {
        return KeyedDecodingContainer(ProbeContainer<Key>(probe: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw NotProbed() }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { throw NotProbed() }

    func note<T: Decodable>(_ type: T.Type, _ name: String, isRequired: Bool) throws -> T {
        properties.append(.init(name, .probing(type), isRequired: isRequired))
        if let documented = type as? any Documented.Type, let sample = documented.sample as? T { return sample }
        return try T(from: SchemaProbe())
    }
}

private struct ProbeContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let probe: SchemaProbe
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { true }
    func decodeNil(forKey key: Key) throws -> Bool { false }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try probe.note(type, key.stringValue, isRequired: true)
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        try probe.note(type, key.stringValue, isRequired: false)
    }

    // The standard library asks for these by name, not through the generic requirement above.
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try note(type, key) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try note(type, key) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try note(type, key) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try note(type, key) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try note(type, key) }
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try maybe(type, key) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try maybe(type, key) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try maybe(type, key) }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try maybe(type, key) }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try maybe(type, key) }

    private func note<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T {
        try probe.note(type, key.stringValue, isRequired: true)
    }

    private func maybe<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T? {
        try probe.note(type, key.stringValue, isRequired: false)
    }

    func nestedContainer<N: CodingKey>(keyedBy: N.Type, forKey key: Key) throws -> KeyedDecodingContainer<N> {
        throw SchemaProbe.NotProbed()
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        throw SchemaProbe.NotProbed()
    }

    func superDecoder() throws -> any Decoder { throw SchemaProbe.NotProbed() }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw SchemaProbe.NotProbed() }
}
