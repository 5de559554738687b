import CCurl

/// What libcurl would pass on blindly, refused before it is queued: a CR or LF in a header would let whoever
/// chose the value write headers, or whole requests, of his own.
enum RequestCheck {
    static let longestTimeout = Duration.seconds(600)
    /// Written by libcurl from the body and the connection; two opinions on them would be a smuggling hole.
    private static let reserved: Set<String> = [
        "connection", "content-length", "expect", "host", "keep-alive", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade",
    ]

    /// Throws `OutboundError.invalidRequest`.
    static func check(_ request: OutboundRequest) throws {
        try check(timeout: request.timeout, connect: request.connectTimeout)
        try check(url: request.url, schemes: ["http", "https"])
        for (name, value) in request.headers {
            guard !name.isEmpty, name.utf8.allSatisfy(isTokenByte) else {
                throw OutboundError.invalidRequest("a header's name is not a token")
            }
            guard !reserved.contains(name.lowercased()) else {
                throw OutboundError.invalidRequest("the header \(name) is not the caller's to set")
            }
            guard value.utf8.allSatisfy({ $0 == 9 || ($0 >= 32 && $0 != 127) }) else {
                throw OutboundError.invalidRequest("the value of the header \(name) has a control character")
            }
        }
    }

    static func check(timeout: Duration, connect: Duration) throws {
        guard timeout > .zero, timeout <= longestTimeout, connect > .zero else {
            throw OutboundError.invalidRequest("a time-out must be above zero and at most ten minutes")
        }
    }

    static func check(url: String, schemes: [String]) throws {
        guard url.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw OutboundError.invalidRequest("the URL has a blank, a control character or one beyond ASCII")
        }
        guard let parts = curl_url() else { throw OutboundError.unreachable("out of memory") }
        defer { curl_url_cleanup(parts) }
        guard curl_url_set(parts, CURLUPART_URL, url, UInt32(CURLU_DISALLOW_USER)) == CURLUE_OK else {
            throw OutboundError.invalidRequest("the URL is not absolute, or has a user name, or is malformed")
        }
        var scheme: UnsafeMutablePointer<CChar>?
        guard curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK, let scheme else {
            throw OutboundError.invalidRequest("the URL has no scheme")
        }
        defer { curl_free(scheme) }
        guard schemes.contains(String(cString: scheme)) else {
            throw OutboundError.invalidRequest("the URL is neither \(schemes.joined(separator: " nor "))")
        }
    }

    /// RFC 9110, section 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
