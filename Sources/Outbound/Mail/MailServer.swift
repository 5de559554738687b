/// Who takes our mail: a submission server or a relay (RFC 6409).
public struct MailServer: Sendable {
    /// How far TLS may be done without. `smtps://` always has it, from the first byte.
    public enum TLS: Sendable {
        /// `STARTTLS`, or no mail.
        case required
        /// `STARTTLS` where the server offers it. Anyone on the way can take the offer out, so not with a password.
        case optional
    }

    public let url: String
    public let tls: TLS
    public let user: String?
    public let password: String?

    /// - Parameters:
    ///   - url: `smtp://host:587` or `smtps://host:465`; a path is the name to say hello with.
    ///   - user: to log in as, by the strongest way that the server offers; without one nobody logs in.
    ///
    /// Throws `OutboundError.invalidRequest`.
    public init(_ url: String, tls: TLS, user: String? = nil, password: String? = nil) throws {
        try RequestCheck.check(url: url, schemes: ["smtp", "smtps"])
        guard user == nil || tls == .required || url.lowercased().hasPrefix("smtps:") else {
            throw OutboundError.invalidRequest("a password goes to a mail server by TLS only")
        }
        guard (user == nil) == (password == nil) else {
            throw OutboundError.invalidRequest("logging in to a mail server takes a user and a password")
        }
        // libcurl reads them up to the first NUL, and the mechanisms of SASL know no control characters.
        guard [user, password].allSatisfy({ ($0 ?? "").utf8.allSatisfy { $0 >= 32 && $0 != 127 } }) else {
            throw OutboundError.invalidRequest("the mail server's user or password has a control character")
        }
        (self.url, self.tls, self.user, self.password) = (url, tls, user, password)
    }
}
