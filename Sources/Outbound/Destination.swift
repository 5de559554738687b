import CCurl

/// The server that a URL names, where a stranger chose the URL.
public struct Destination: Sendable {
    static let longestURL = 2048

    /// A name, or an address without brackets.
    let host: String
    let port: Int
    /// Where the host is an address.
    let address: IPAddress?
    /// Plain HTTP, an unusual port or no name: for receivers inside ranges that the operator named.
    let isPlain: Bool

    /// Throws `OutboundError.invalidRequest` with what the URL must be, worded to follow "the URL": only `https`, port
    /// 443 or 8443, a name rather than an address and no user name, unless the policy allows plain receivers.
    public init(_ url: String, _ policy: AddressPolicy) throws {
        guard url.utf8.count <= Self.longestURL, url.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw OutboundError.invalidRequest(
                "must have at most \(Self.longestURL) characters, none of them a blank or beyond ASCII"
            )
        }
        let parts = try URLParts(url)
        guard !parts.hasUser else { throw OutboundError.invalidRequest("must not have a user name or password") }
        let isSecure = parts.scheme == "https"
        guard isSecure || parts.scheme == "http" && policy.allowsPlain else {
            throw OutboundError.invalidRequest("must begin with https://")
        }
        let isUsualPort = parts.port == 443 || parts.port == 8443
        guard isUsualPort || policy.allowsPlain else {
            throw OutboundError.invalidRequest("must have the port 443 or 8443")
        }
        host = parts.host
        port = parts.port
        address = IPAddress(parts.host)
        if let address {
            guard policy.permits([address], isPlain: true) else {
                throw OutboundError.invalidRequest("must have a name, not an address")
            }
        } else {
            try Self.checkName(parts.host)
        }
        isPlain = !isSecure || !isUsualPort || address != nil
    }

    /// A last label of digits, or `0x` and such, is an address in some spelling (the WHATWG's URL Standard, "ends in a
    /// number"), which one reader takes for a name and another does not.
    private static func checkName(_ name: String) throws {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        let isLetterDigitHyphen = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isLetterDigitHyphen, name.utf8.count <= 253, labels.allSatisfy({ (1...63).contains($0.utf8.count) }),
            let first = labels.last?.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
        else { throw OutboundError.invalidRequest("must have a name, not an address") }
    }
}

/// A URL's parts as libcurl reads them, since it is libcurl that will go there.
private struct URLParts {
    let scheme: String
    let host: String
    let port: Int
    let hasUser: Bool

    init(_ url: String) throws {
        guard let parts = curl_url() else { throw OutboundError.unreachable("out of memory") }
        defer { curl_url_cleanup(parts) }
        guard curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK,
            let scheme = Self.part(CURLUPART_SCHEME, of: parts), let host = Self.part(CURLUPART_HOST, of: parts),
            let port = Self.part(CURLUPART_PORT, of: parts, UInt32(CURLU_DEFAULT_PORT)).flatMap({ Int($0) })
        else { throw OutboundError.invalidRequest("must be an absolute https address") }
        (self.scheme, self.port) = (scheme, port)
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        hasUser = Self.part(CURLUPART_USER, of: parts) != nil || Self.part(CURLUPART_PASSWORD, of: parts) != nil
    }

    private static func part(_ part: CURLUPart, of url: OpaquePointer, _ flags: UInt32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(url, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
