import Web

/// What a request brings to show who it is; nothing here is believed yet.
enum Presented {
    static func caller(_ request: some IncomingRequest, _ route: Route, _ requestID: String) -> Caller {
        var caller = Caller(address: request.parameter("REMOTE_ADDR") ?? "", requestID: requestID)
        caller.isSecure = request.parameter("HTTPS") == "on"
        switch route.access {
        case .key, .operatorKey:
            caller.presentedKey = bearer(request) ?? request.parameter("HTTP_X_API_KEY")
        case .appKey:
            caller.presentedKey = bearer(request) ?? request.parameter("HTTP_X_API_KEY")
            caller.userAgent = userAgent(request)
        case .session, .operatorSession:
            caller.sessionToken = sessionToken(request)
            caller.signInCookie = cookie(request, SignInCookie.secureName, SignInCookie.plainName)
        case .visitor:
            caller.sessionToken = sessionToken(request)
            caller.formCookie = cookie(request, FormToken.secureName, FormToken.plainName)
            caller.userAgent = userAgent(request)
        case .person:
            caller.sessionToken = sessionToken(request)
            caller.idToken = caller.sessionToken == nil ? bearer(request) : nil
        case .shell:
            caller.kind = .shell
        case .open:
            caller.signInCookie = cookie(request, SignInCookie.secureName, SignInCookie.plainName)
            caller.userAgent = userAgent(request)
            caller.isSpeculative = request.parameter("REQUEST_METHOD") == "HEAD" || isPrefetch(request)
        case .bodyKey, .signed:
            break
        }
        return caller
    }

    /// What the client calls itself, cut short.
    static func userAgent(_ request: some IncomingRequest) -> String {
        String((request.parameter("HTTP_USER_AGENT") ?? "").prefix(256))
    }

    /// By `Sec-Purpose` (Fetch standard, section 2.2.10), or by the name that older browsers gave it.
    private static func isPrefetch(_ request: some IncomingRequest) -> Bool {
        let purpose = request.parameter("HTTP_SEC_PURPOSE") ?? request.parameter("HTTP_PURPOSE")
        return purpose?.lowercased().hasPrefix("prefetch") == true
    }

    /// The token of `Authorization: Bearer` (RFC 6750, section 2.1); the scheme's case does not matter.
    private static func bearer(_ request: some IncomingRequest) -> String? {
        request.withParameter("HTTP_AUTHORIZATION") { bytes in
            guard let bytes, bytes.count > 7, bytes[6] == UInt8(ascii: " "),
                zip(bytes, "bearer".utf8).allSatisfy({ $0 | 0x20 == $1 })
            else { return nil }
            let token = bytes[7...].drop { $0 == UInt8(ascii: " ") }
            return String(validating: token, as: UTF8.self)
        }
    }

    /// The cookie of the sign-in: `__Host-session` over HTTPS, `session_token` as older clients send it.
    static func sessionToken(_ request: some IncomingRequest) -> String? {
        cookie(request, SessionCookie.secureName, SessionCookie.plainName)
    }

    /// The cookie of the first name if there is one, else the first of the second name.
    private static func cookie(_ request: some IncomingRequest, _ secureName: String, _ plainName: String) -> String? {
        guard let header = request.parameter("HTTP_COOKIE") else { return nil }
        var plain: String?
        for pair in header.split(separator: ";") {
            let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            if parts[0] == secureName { return String(parts[1]) }
            if parts[0] == plainName { plain = plain ?? String(parts[1]) }
        }
        return plain
    }
}
