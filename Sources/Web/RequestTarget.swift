/// The path and query of a request, taken apart from the raw request target.
///
/// nginx decodes and merges paths to choose a location; what it decoded is not what we are sent. So the raw target is
/// read here once, strictly, and nothing after this looks at it again: no `%00`, no encoded slash, no empty or dot
/// segments, valid UTF-8 only (RFC 3986, section 3.3).
public struct RequestTarget: Sendable, Equatable {
    public let path: String
    public let query: String
    /// The segments where any was percent-encoded, or unusual enough to be looked at one by one.
    private let decoded: [String]?

    public static let limit = 8192

    public var segments: [String] {
        decoded ?? path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
    }

    /// Whether the path is its own decoded form, and so can be looked up whole.
    public var isPlain: Bool { decoded == nil }

    /// - Throws: ``Failure`` 400 for a target that is not plain.
    public init(_ raw: UnsafeBufferPointer<UInt8>) throws {
        guard raw.count <= Self.limit, raw.first == UInt8(ascii: "/") else { throw Self.refused }
        let mark = raw.firstIndex(of: UInt8(ascii: "?")) ?? raw.endIndex
        guard let text = String(validating: raw[..<mark], as: UTF8.self),
            let items = String(validating: raw[mark...].dropFirst(), as: UTF8.self)
        else { throw Self.refused }
        (path, query) = (text, items)
        decoded = Self.isPlain(raw[..<mark]) ? nil : try Self.decode(text)
    }

    /// Letters, digits, `-`, `_` and single slashes: nearly every request, and nothing to decode or to refuse.
    private static func isPlain(_ path: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        var previous: UInt8 = 0
        for byte in path {
            let isLetter = byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
            let isDigit = byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
            let isSlash = byte == UInt8(ascii: "/") && previous != UInt8(ascii: "/")
            guard isLetter || isDigit || isSlash || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") else {
                return false
            }
            previous = byte
        }
        return previous != UInt8(ascii: "/")
    }

    private static func decode(_ path: String) throws -> [String] {
        guard path != "/" else { return [] }
        // One slash at the end is forgiven, as most servers do.
        let named = path.utf8.last == UInt8(ascii: "/") ? path.utf8.dropLast() : path.utf8[...]
        return try named.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { try segment($0) }
    }

    public init(_ raw: String) throws {
        var copy = raw
        self = try copy.withUTF8 { try RequestTarget($0) }
    }

    private static let refused = Failure.badRequest("The request path is not valid", code: "invalid_path")

    private static func segment(_ part: Substring.UTF8View) throws -> String {
        let text: String
        if part.contains(UInt8(ascii: "%")) {
            guard let decoded = PercentCoding.decode(part, plusIsSpace: false) else { throw refused }
            text = decoded
        } else {
            text = String(Substring(part))
        }
        let isPlain = text.utf8.allSatisfy {
            $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\")
        }
        guard isPlain, !text.isEmpty, text != ".", text != ".." else { throw refused }
        return text
    }
}

/// Percent-encoded text (RFC 3986, section 2.1) and forms (the URL standard's `application/x-www-form-urlencoded`).
public enum PercentCoding {
    /// Nil for a broken escape, a NUL or bytes that are not UTF-8.
    public static func decode(_ text: some Sequence<UInt8>, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        var iterator = text.makeIterator()
        while let byte = iterator.next() {
            if byte == UInt8(ascii: "%") {
                guard let high = iterator.next().flatMap(digit), let low = iterator.next().flatMap(digit),
                    high << 4 | low != 0
                else { return nil }
                bytes.append(high << 4 | low)
            } else if byte == UInt8(ascii: "+"), plusIsSpace {
                bytes.append(0x20)
            } else if byte == 0 {
                return nil
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// `a=b&c=d`, everything but RFC 3986's unreserved characters (section 2.3) escaped.
    public static func encode(_ items: [(String, String)]) -> String {
        items.map { "\(encode($0.0))=\(encode($0.1))" }.joined(separator: "&")
    }

    public static func encode(_ text: String) -> String {
        var out: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"):
                out.append(byte)
            default:
                out.append(UInt8(ascii: "%"))
                out += Array((byte < 16 ? "0" : "").utf8) + Array(String(byte, radix: 16, uppercase: true).utf8)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The items of a query or form, in order.
    /// - Throws: ``Failure`` 400 for broken escapes, repeated names and more than 100 items.
    public static func items(_ form: some Sequence<UInt8>, of source: String) throws -> [JSONValue.Member] {
        let refused = Failure.badRequest("The \(source) is not valid")
        var items: [JSONValue.Member] = []
        for pair in Array(form).split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard items.count < 100, let first = parts.first, let name = decode(first, plusIsSpace: true),
                let value = decode(parts.count > 1 ? parts[1] : [], plusIsSpace: true)
            else { throw refused }
            guard !items.contains(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
                throw Failure.badRequest("The \(source) holds \"\(name)\" twice")
            }
            items.append(.init(name, .text(value)))
        }
        return items
    }
}
