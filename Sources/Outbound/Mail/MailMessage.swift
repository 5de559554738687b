import FoundationEssentials

/// A mail to one person, as plain text and as HTML with the same content (RFC 5322, RFC 2046).
///
/// The same fields give the same bytes, so that a mail that is sent twice is recognised as one.
public struct MailMessage: Sendable {
    /// What tells this mail from all others of the sender's domain.
    public var id: String
    /// Seconds since 1970, UTC.
    public var date: Int64
    public var from: MailAddress
    public var to: MailAddress
    /// Any script; line ends and other control characters become blanks.
    public var subject: String
    public var text: String
    public var html: String
    public var attachments: [MailAttachment]

    public init(
        id: String,
        date: Int64,
        from: MailAddress,
        to: MailAddress,
        subject: String,
        text: String,
        html: String,
        attachments: [MailAttachment] = []
    ) {
        self.id = id
        self.date = date
        self.from = from
        self.to = to
        self.subject = subject
        self.text = text
        self.html = html
        self.attachments = attachments
    }

    /// ASCII, in lines of at most 78 columns that end with CR LF.
    public var bytes: [UInt8] {
        let head = [
            "Date: \(MailDate.text(date))\r\n",
            "Message-ID: <\(Self.token(id))@\(from.domain)>\r\n",
            MailHeader.line("From", from),
            MailHeader.line("To", to),
            MailHeader.line("Subject", text: subject),
            // Nobody's holiday notice shall answer it (RFC 3834).
            "Auto-Submitted: auto-generated\r\n",
            "MIME-Version: 1.0\r\n",
        ]
        // The richest last: a reader shows the last that it can (RFC 2046, section 5.1.4).
        let texts = [("text/plain", text), ("text/html", html)].map { type, content in
            let (encoding, body) = Self.encode(content)
            let head = "Content-Type: \(type); charset=utf-8\r\nContent-Transfer-Encoding: \(encoding)\r\n\r\n"
            return Array(head.utf8) + body
        }
        let letter = Self.join(texts, as: "alternative", "=_purser_parts")
        guard !attachments.isEmpty else { return Array(head.joined().utf8) + letter }
        let files = attachments.map { file in
            let name = Self.token(file.name)
            let head = """
                Content-Type: \(file.type)\r\nContent-Disposition: attachment; filename="\(name)"\r\n\
                Content-Transfer-Encoding: base64\r\n\r\n
                """
            return Array(head.utf8) + Self.base64(file.bytes)
        }
        return Array(head.joined().utf8) + Self.join([letter] + files, as: "mixed", "=_purser_files")
    }

    /// - Parameter boundary: begins with "=_", which no encoding below ever writes, so that it cannot occur in a part
    ///   (RFC 2045, section 6.7), and with no other boundary.
    private static func join(_ parts: [[UInt8]], as kind: String, _ boundary: String) -> [UInt8] {
        var out = Array("Content-Type: multipart/\(kind); boundary=\"\(boundary)\"\r\n\r\n".utf8)
        for part in parts {
            out += "--\(boundary)\r\n".utf8
            out += part
            out += "\r\n".utf8
        }
        out += "--\(boundary)--\r\n".utf8
        return out
    }

    /// A Message-ID's left side, a file's name: letters, digits and a few marks; any other byte becomes a dot.
    private static func token(_ id: String) -> String {
        String(
            decoding: id.utf8.map { byte in
                switch byte {
                case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "_"): byte
                default: UInt8(ascii: ".")
                }
            },
            as: UTF8.self
        )
    }

    /// Whichever is shorter: mostly ASCII stays readable, other scripts do not grow threefold.
    private static func encode(_ text: String) -> (name: String, body: [UInt8]) {
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\r\n" || $0 == "\n" || $0 == "\r" }
        let beyond = text.utf8.count { $0 >= 128 }
        guard beyond * 6 > text.utf8.count else { return ("quoted-printable", QuotedPrintable.encode(lines)) }
        return ("base64", base64(Array(lines.joined(separator: "\r\n").utf8)))
    }

    private static func base64(_ bytes: [UInt8]) -> [UInt8] {
        Array(
            Data(bytes).base64EncodedData(options: [
                .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
            ])
        )
    }
}

/// A file that comes with a mail.
public struct MailAttachment: Sendable {
    public var name: String
    /// As `application/pdf`.
    public var type: String
    public var bytes: [UInt8]

    public init(name: String, type: String, bytes: [UInt8]) {
        (self.name, self.type, self.bytes) = (name, type, bytes)
    }
}
