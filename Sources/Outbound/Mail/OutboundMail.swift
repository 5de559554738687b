/// One mail to one recipient, on its way.
public struct OutboundMail: Sendable {
    public var server: MailServer
    /// The envelope's: where a message that cannot be delivered is sent back to.
    public var from: MailAddress
    public var to: MailAddress
    /// As `MailMessage` writes it. libcurl doubles the dots that begin lines.
    public var message: [UInt8]
    /// From `Lane.send` to the receipt, the wait for a thread included; at most ten minutes. A server may well take
    /// its time after the last line (RFC 5321, section 4.5.3.2.6), and who gives up then sends the mail twice.
    public var timeout: Duration
    /// Until the server has said hello and let us in; no longer than `timeout`.
    public var connectTimeout: Duration

    public init(
        through server: MailServer,
        from: MailAddress,
        to: MailAddress,
        _ message: [UInt8],
        timeout: Duration = .seconds(120),
        connectTimeout: Duration = .seconds(15)
    ) {
        self.server = server
        self.from = from
        self.to = to
        self.message = message
        self.timeout = timeout
        self.connectTimeout = connectTimeout
    }

    var timeoutMilliseconds: Int { timeout.wholeMilliseconds }
    var connectMilliseconds: Int { min(connectTimeout, timeout).wholeMilliseconds }
}

/// A mail server's no to one mail, in its own words (RFC 5321, section 4.2.1).
///
/// What it says of itself or of us (closing down, no login) is an `OutboundError`: it holds for every mail.
public struct MailRefusal: Error, Sendable, Equatable {
    /// 400 to 599.
    public let code: Int
    /// The reply's last line, printable ASCII.
    public let reply: String

    /// The same mail will never do. Otherwise it may do later.
    public var isPermanent: Bool { code >= 500 }
}
