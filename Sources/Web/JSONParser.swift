/// Why a JSON text was refused.
public struct JSONFault: Error, Equatable {
    public let message: String
}

/// A strict reader of JSON (RFC 8259), for bodies that strangers send.
///
/// Foundation's decoder accepts UTF-16, a byte order mark, NUL in strings and duplicate names, and nests
/// to 512 levels; each of these has been somebody's hole. Here the text is UTF-8 without NUL, names
/// are unique, nesting ends at ``depthLimit``, and a number keeps its text.
public struct JSONParser {
    /// Objects and arrays within each other.
    public static let depthLimit = 32
    /// Members of one object.
    public static let memberLimit = 10_000

    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0

    /// - Throws: ``JSONFault`` with a sentence for the caller.
    public static func parse(_ body: [UInt8]) throws -> JSONValue {
        try body.withUnsafeBufferPointer { bytes in
            var parser = JSONParser(bytes: bytes)
            parser.skipSpace()
            let value = try parser.value(depth: 0)
            parser.skipSpace()
            guard parser.at == bytes.count else { throw JSONFault(message: "There is text after the JSON value.") }
            return value
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    private var current: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
    }

    private mutating func value(depth: Int) throws -> JSONValue {
        guard let byte = current else { throw JSONFault(message: "The JSON ends too early.") }
        switch byte {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws -> JSONValue {
        let matches = word.withUTF8Buffer { word in
            bytes.count - at >= word.count && word.indices.allSatisfy { bytes[at + $0] == word[$0] }
        }
        guard matches else { throw unexpected() }
        at += word.utf8CodeUnitCount
        return value
    }

    private mutating func object(depth: Int) throws -> JSONValue {
        guard depth < Self.depthLimit else { throw JSONFault(message: "The JSON is nested too deeply.") }
        at += 1
        var members: [JSONValue.Member] = []
        var seen: Set<[UInt8]> = []
        skipSpace()
        if current == UInt8(ascii: "}") {
            at += 1
            return .object(members)
        }
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw unexpected() }
            let name = try string()
            try refuseRepeated(name, among: members, seen: &seen)
            skipSpace()
            try expect(UInt8(ascii: ":"))
            skipSpace()
            members.append(.init(name, try value(depth: depth + 1)))
            skipSpace()
            if current == UInt8(ascii: "}") { break }
            try expect(UInt8(ascii: ","))
        }
        at += 1
        return .object(members)
    }

    /// Two members of one name mean different things to different readers, so nobody gets to choose.
    private func refuseRepeated(
        _ name: String,
        among members: [JSONValue.Member],
        seen: inout Set<[UInt8]>
    ) throws {
        guard members.count < Self.memberLimit else { throw JSONFault(message: "The JSON object is too large.") }
        // A few names are compared one by one; a set pays only where there are many.
        let repeated: Bool
        if members.count < 12 {
            repeated = members.contains { $0.isNamed(name) }
        } else {
            if seen.isEmpty { seen = Set(members.map { Array($0.name.utf8) }) }
            repeated = !seen.insert(Array(name.utf8)).inserted
        }
        if repeated { throw JSONFault(message: "The JSON holds the name \"\(name)\" twice.") }
    }

    private mutating func array(depth: Int) throws -> JSONValue {
        guard depth < Self.depthLimit else { throw JSONFault(message: "The JSON is nested too deeply.") }
        at += 1
        var items: [JSONValue] = []
        skipSpace()
        if current == UInt8(ascii: "]") {
            at += 1
            return .array(items)
        }
        while true {
            skipSpace()
            items.append(try value(depth: depth + 1))
            skipSpace()
            if current == UInt8(ascii: "]") { break }
            try expect(UInt8(ascii: ","))
        }
        at += 1
        return .array(items)
    }

    private mutating func expect(_ byte: UInt8) throws {
        guard current == byte else { throw unexpected() }
        at += 1
    }

    private func unexpected() -> JSONFault {
        guard at < bytes.count else { return JSONFault(message: "The JSON ends too early.") }
        return JSONFault(message: "The body is not valid JSON (at byte \(at + 1)).")
    }

    // MARK: Numbers

    private mutating func number() throws -> JSONValue {
        let start = at
        if current == UInt8(ascii: "-") { at += 1 }
        let whole = digits()
        guard whole > 0 else { throw unexpected() }
        let first = bytes[at - whole]
        guard whole == 1 || first != UInt8(ascii: "0") else { throw unexpected() }
        var isWhole = true
        if current == UInt8(ascii: ".") {
            isWhole = false
            at += 1
            guard digits() > 0 else { throw unexpected() }
        }
        if let byte = current, byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            isWhole = false
            at += 1
            if let sign = current, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { at += 1 }
            guard digits() > 0 else { throw unexpected() }
        }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        if isWhole, let number = Int64(text) { return .integer(number) }
        return .decimal(text)
    }

    private mutating func digits() -> Int {
        let start = at
        while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { at += 1 }
        return at - start
    }

    // MARK: Strings

    private mutating func string() throws -> String {
        at += 1
        let start = at
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { at += 1 }
        if current == UInt8(ascii: "\"") {
            defer { at += 1 }
            return try checked(bytes[start..<at])
        }
        var text = Array(bytes[start..<at])
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                at += 1
                return try text.withUnsafeBufferPointer { try checked($0[...]) }
            case UInt8(ascii: "\\"):
                at += 1
                try escape(into: &text)
            case 0..<0x20:
                throw JSONFault(message: "A JSON string holds an unescaped control character.")
            default:
                text.append(byte)
                at += 1
            }
        }
        throw unexpected()
    }

    private func checked(_ slice: Slice<UnsafeBufferPointer<UInt8>>) throws -> String {
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw JSONFault(message: "The body is not valid UTF-8.")
        }
        return text
    }

    private mutating func escape(into text: inout [UInt8]) throws {
        guard let byte = current else { throw unexpected() }
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(try scalar()).utf8)
        default: throw unexpected()
        }
    }

    private mutating func scalar() throws -> Character {
        var code = try hex()
        if (0xD800..<0xDC00).contains(code) {
            guard at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") else {
                throw JSONFault(message: "A JSON string holds half a surrogate pair.")
            }
            at += 2
            let low = try hex()
            guard (0xDC00..<0xE000).contains(low) else {
                throw JSONFault(message: "A JSON string holds half a surrogate pair.")
            }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard code != 0 else { throw JSONFault(message: "A JSON string holds a NUL character.") }
        guard let scalar = Unicode.Scalar(code) else {
            throw JSONFault(message: "A JSON string holds half a surrogate pair.")
        }
        return Character(scalar)
    }

    private mutating func hex() throws -> UInt32 {
        guard bytes.count - at >= 4 else { throw unexpected() }
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[at])).hexDigitValue, bytes[at] < 0x80 else {
                throw unexpected()
            }
            code = code << 4 | UInt32(digit)
            at += 1
        }
        return code
    }
}
