import Web

/// The cookie that carries a session's token.
enum SessionCookie {
    static let secureName = "__Host-session"
    static let plainName = "session_token"

    /// `__Host-` binds the cookie to this host over HTTPS (RFC 6265bis, section 4.1.3.2); plain HTTP is for loopback.
    static func header(token: String, isSecure: Bool, maxAge: Int64) -> Header {
        let name = isSecure ? secureName : plainName
        let secure = isSecure ? "; Secure" : ""
        return Header("Set-Cookie", "\(name)=\(token); Path=/; HttpOnly; SameSite=Lax; Max-Age=\(maxAge)\(secure)")
    }

    static func removal(isSecure: Bool) -> Header { header(token: "", isSecure: isSecure, maxAge: 0) }
}

/// A JSON answer that also sets the session cookie, or takes it back.
struct SignedIn<Body: Codable & Sendable>: Output {
    static var status: Int { 200 }
    static var contentType: String { "application/json" }
    static var schema: Schema { .probing(Body.self) }

    let body: Body
    /// Nil leaves the cookie as it is.
    let cookie: Header?

    func response() throws -> Response {
        Response(headers: cookie.map { [$0] } ?? [], body: .bytes(try JSONEncoding.bytes(of: body)))
    }
}

/// `{"success":true}`, for what has nothing else to say.
struct Success: JSONOutput {
    var success = true
}
