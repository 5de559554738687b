import Web

/// A mail address: one `@`, a dot in the domain, printable ASCII; kept in lower case, since mailboxes are compared so.
///
/// Whether it exists only a mail can tell, so the form is checked no further. ASCII, because two Unicode spellings
/// of one address would be two people.
struct Email: Codable, Sendable, Equatable, Documented {
    let value: String

    static var schema: Schema { .string(min: 3, max: 254, pattern: nil, format: "email") }
    static var sample: Email { Email(checked: "someone@example.com") }

    private init(checked value: String) {
        self.value = value
    }

    init?(_ text: String) {
        var trimmed = text.drop { $0 == " " }
        while trimmed.last == " " { trimmed.removeLast() }
        let bytes = Array(trimmed.utf8)
        let parts = bytes.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        let forbidden = Set("()<>,;:\\\"[]".utf8)
        guard (3...254).contains(bytes.count), parts.count == 2, !parts[0].isEmpty, parts[0].count <= 64,
            bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !forbidden.contains($0) })
        else { return nil }
        let labels = parts[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.count >= 2, labels.allSatisfy({ !$0.isEmpty && $0.count <= 63 }) else { return nil }
        value = trimmed.lowercased()
    }

    init(from decoder: any Decoder) throws {
        guard let email = Email(try decoder.singleValueContainer().decode(String.self)) else {
            throw ValueFault("must be a mail address")
        }
        self = email
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}
