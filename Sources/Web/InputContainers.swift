/// The three containers through which synthesised `init(from:)` reads an ``InputDecoder``.
struct InputObject<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: [JSONValue.Member]
    let path: String
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { members.compactMap { Key(stringValue: $0.name) } }

    private func find(_ key: Key) -> JSONValue? {
        let name = key.stringValue.utf8
        return members.first { $0.name.utf8.elementsEqual(name) }?.value
    }

    private func child(_ key: Key) throws -> InputDecoder {
        let field = path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)"
        guard let value = find(key) else { throw FieldFault(field: field, message: "is required") }
        return InputDecoder(value, at: field)
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }

    func decodeNil(forKey key: Key) throws -> Bool {
        switch find(key) {
        case .null?, nil: true
        default: false
        }
    }

    func decode(_: Bool.Type, forKey key: Key) throws -> Bool { try child(key).flag() }
    func decode(_: String.Type, forKey key: Key) throws -> String { try child(key).string() }
    func decode(_: Double.Type, forKey key: Key) throws -> Double { try child(key).double() }
    func decode(_: Int.Type, forKey key: Key) throws -> Int { try child(key).number(Int.self) }
    func decode(_: Int64.Type, forKey key: Key) throws -> Int64 { try child(key).integer() }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try child(key).whole(type) }

    func nestedContainer<N: CodingKey>(keyedBy: N.Type, forKey key: Key) throws -> KeyedDecodingContainer<N> {
        try child(key).container(keyedBy: N.self)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try child(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { InputDecoder(.object(members), at: path) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try child(key) }
}

struct InputArray: UnkeyedDecodingContainer {
    let items: [JSONValue]
    let path: String
    var codingPath: [any CodingKey] { [] }
    var count: Int? { items.count }
    var isAtEnd: Bool { currentIndex >= items.count }
    private(set) var currentIndex = 0

    init(items: [JSONValue], path: String) {
        (self.items, self.path) = (items, path)
    }

    private mutating func next() throws -> InputDecoder {
        guard !isAtEnd else { throw FieldFault(field: path, message: "has too few items") }
        defer { currentIndex += 1 }
        return InputDecoder(items[currentIndex], at: "\(path)[\(currentIndex)]")
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, items[currentIndex] == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().whole(type) }

    mutating func nestedContainer<N: CodingKey>(keyedBy: N.Type) throws -> KeyedDecodingContainer<N> {
        try next().container(keyedBy: N.self)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try next() }
}

struct InputScalar: SingleValueDecodingContainer {
    let decoder: InputDecoder
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { decoder.value == .null }
    func decode(_: Bool.Type) throws -> Bool { try decoder.flag() }
    func decode(_: String.Type) throws -> String { try decoder.string() }
    func decode(_: Double.Type) throws -> Double { try decoder.double() }
    func decode(_: Float.Type) throws -> Float { Float(try decoder.double()) }
    func decode(_ type: Int.Type) throws -> Int { try decoder.number(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try decoder.number(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try decoder.number(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try decoder.number(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try decoder.integer() }
    func decode(_ type: UInt.Type) throws -> UInt { try decoder.number(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try decoder.number(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try decoder.number(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try decoder.number(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try decoder.number(type) }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.whole(type) }
}
