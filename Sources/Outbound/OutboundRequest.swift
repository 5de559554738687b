/// One HTTP request that leaves the machine.
public struct OutboundRequest: Sendable {
    public enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    public var method: Method
    /// Absolute, `http` or `https`, percent-encoded, without a user name.
    public var url: String
    /// Names may repeat. What frames the message (`Content-Length`, `Host`, …) is libcurl's to write.
    public var headers: [(String, String)]
    /// `nil` sends no body; POST, PUT and PATCH then say `Content-Length: 0`.
    public var body: [UInt8]?
    /// From `Lane.send` to the last byte of the answer, the wait for a thread included. At most ten minutes.
    public var timeout: Duration
    /// For looking up the name, connecting and the TLS handshake; no longer than `timeout`.
    public var connectTimeout: Duration

    public init(
        _ method: Method,
        _ url: String,
        headers: [(String, String)] = [],
        body: [UInt8]? = nil,
        timeout: Duration = .seconds(30),
        connectTimeout: Duration = .seconds(5)
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.connectTimeout = connectTimeout
    }

    var timeoutMilliseconds: Int { timeout.wholeMilliseconds }
    var connectMilliseconds: Int { min(connectTimeout, timeout).wholeMilliseconds }
}
