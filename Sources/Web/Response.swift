/// One header of an answer. Names and values with CR, LF or NUL are dropped when the head is written,
/// so that no value can begin a header of its own.
public struct Header: Sendable, Equatable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) {
        (self.name, self.value) = (name, value)
    }
}

/// An answer, before it is written.
public struct Response: Sendable {
    public enum Body: Sendable {
        case bytes([UInt8])
        /// Written piece by piece; the closure calls its argument for each.
        case stream(@Sendable (_ write: ([UInt8]) throws -> Void) async throws -> Void)
    }

    public var status: Int
    public var contentType: String
    public var headers: [Header]
    public var body: Body

    public init(
        status: Int = 200,
        contentType: String = "application/json",
        headers: [Header] = [],
        body: Body = .bytes([])
    ) {
        (self.status, self.contentType, self.headers, self.body) = (status, contentType, headers, body)
    }
}

/// What an endpoint answers.
public protocol Output: Sendable {
    static var status: Int { get }
    static var contentType: String { get }
    static var schema: Schema { get }
    func response() throws -> Response
}

/// A record that is answered as JSON with 200.
public protocol JSONOutput: Output, Codable {}

extension JSONOutput {
    public static var status: Int { 200 }
    public static var contentType: String { "application/json" }
    public static var schema: Schema { .probing(Self.self) }

    public func response() throws -> Response {
        Response(status: Self.status, body: .bytes(try JSONEncoding.bytes(of: self)))
    }
}

/// The same record, answered with 201.
public struct Created<Body: Codable & Sendable>: Output {
    public static var status: Int { 201 }
    public static var contentType: String { "application/json" }
    public static var schema: Schema { .probing(Body.self) }

    public let body: Body

    public init(_ body: Body) {
        self.body = body
    }

    public func response() throws -> Response {
        Response(status: Self.status, body: .bytes(try JSONEncoding.bytes(of: body)))
    }
}

/// A bare JSON array, for clients that expect no object around it.
public struct Listed<Item: Codable & Sendable>: Output {
    public static var status: Int { 200 }
    public static var contentType: String { "application/json" }
    public static var schema: Schema { .array(.probing(Item.self), max: nil) }

    public let items: [Item]

    public init(_ items: [Item]) {
        self.items = items
    }

    public func response() throws -> Response {
        Response(status: Self.status, body: .bytes(try JSONEncoding.bytes(of: items)))
    }
}
