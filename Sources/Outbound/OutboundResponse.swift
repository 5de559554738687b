/// What the other side answered, whatever the status: a redirect is an answer like any other.
public struct OutboundResponse: Sendable {
    public let status: Int
    /// In the order they came, trailers left out. Bytes that are not UTF-8 are replaced.
    public let headers: [(name: String, value: String)]
    /// As sent: never decompressed.
    public let body: [UInt8]

    public init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, letter case aside.
    public func header(_ name: String) -> String? {
        headers.first { Self.areSame($0.name, name) }?.value
    }

    /// Seconds to wait before trying again (RFC 9110, section 10.2.3). A date is taken relative to the
    /// answer's own `Date`, so that neither clock need be right. `nil` for neither, or for nonsense.
    public var retryAfter: Int? {
        guard let value = header("retry-after") else { return nil }
        if value.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            return Int(value)
        }
        guard let then = HTTPDate.seconds(value), let now = header("date").flatMap(HTTPDate.seconds) else { return nil }
        return max(0, then - now)
    }

    private static func areSame(_ a: String, _ b: String) -> Bool {
        a.utf8.elementsEqual(b.utf8) { lowercase($0) == lowercase($1) }
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
