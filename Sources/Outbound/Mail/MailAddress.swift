/// Where a mail comes from or goes to: `ada@example.com`, with or without a name to show for it.
///
/// ASCII, without what SMTP gives a meaning to: a line's end or `>` in an address would let whoever chose it
/// write commands of his own (RFC 5321, section 4.1.1). Quoted local parts and literal addresses are refused too.
public struct MailAddress: Sendable, Equatable {
    /// `local@domain`.
    public let address: String
    /// Any script; written into the header only.
    public let name: String

    /// Takes `ada@example.com` and `Ada Lovelace <ada@example.com>`, the name in double quotes or without.
    /// Throws `OutboundError.invalidRequest`.
    public init(_ text: String) throws {
        guard text.hasSuffix(">"), let opening = text.lastIndex(of: "<") else {
            try self.init(address: text)
            return
        }
        var name = text[..<opening].drop { $0 == " " }
        while name.last == " " { name.removeLast() }
        if name.utf8.count >= 2, name.first == "\"", name.last == "\"" { name = name.dropFirst().dropLast() }
        try self.init(address: String(text[text.index(after: opening)...].dropLast()), name: String(name))
    }

    /// Throws `OutboundError.invalidRequest`.
    public init(address: String, name: String = "") throws {
        guard Self.isPlain(address) else {
            throw OutboundError.invalidRequest("a mail address is not of the form local@domain in plain ASCII")
        }
        self.address = address
        self.name = name
    }

    public var domain: String {
        address.lastIndex(of: "@").map { String(address[address.index(after: $0)...]) } ?? ""
    }

    private static func isPlain(_ address: String) -> Bool {
        let parts = address.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        return address.utf8.count <= 254 && parts.count == 2 && (1...64).contains(parts[0].count) && !parts[1].isEmpty
            // A hyphen first might be taken for an option by programs behind the server.
            && parts[0].first != UInt8(ascii: "-")
            && address.utf8.allSatisfy { $0 > 32 && $0 < 127 && !"()<>[]:;,\\\"".utf8.contains($0) }
    }
}
