import Web

/// The bounds of what callers send about apps.
typealias AppDescription = Text<0, 1000>
typealias AppMonthlyLimit = Whole<0, 2_000_000_000>

/// The public id of something of the partner program, in a path or a body.
typealias PublicID = Text<1, 64>

/// The name of an app or a campaign, without the spaces around it.
struct PartnerName: Codable, Sendable, Documented {
    let value: String

    static var schema: Schema { Text<0, 100>.schema }
    static var sample: PartnerName { PartnerName(value: "") }

    private init(value: String) {
        self.value = value
    }

    init(from decoder: any Decoder) throws {
        value = String(try Text<0, 100>(from: decoder).value.trimmingSpace())
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

/// The page of a site that people are led to; empty: none.
struct SiteURL: Codable, Sendable, Documented {
    static let longest = 2048

    let value: String

    static var schema: Schema { .string(min: nil, max: longest, pattern: nil, format: "uri") }
    static var sample: SiteURL { SiteURL(value: "") }

    private init(value: String) {
        self.value = value
    }

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard text.isEmpty || Self.isPage(text) else {
            throw ValueFault("must be a URL that begins with https:// or http://")
        }
        value = text
    }

    /// Nothing that would end a header's line or an HTML attribute goes into a redirect, nor a name before the host.
    private static func isPage(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count <= longest,
            let scheme = ["https://", "http://"].first(where: { text.lowercased().hasPrefix($0) })
        else { return false }
        let host = bytes.dropFirst(scheme.utf8.count).prefix { !"/?#".utf8.contains($0) }
        let isPlain = bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"<>\\^`{|}".utf8.contains($0) }
        return isPlain && !host.isEmpty && !host.contains(UInt8(ascii: "@"))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

/// An app's settings for the fraud rules: rule names and what is changed of each. Empty: nothing is.
struct AppFraudRules: Codable, Sendable, Documented {
    /// Nil: nothing differs.
    let value: JSONValue?

    static var schema: Schema {
        .map(
            .object([
                .init("enabled", .boolean, isRequired: false),
                .init("score", .integer(min: 0, max: nil), isRequired: false),
                .init("threshold", .integer(min: 1, max: nil), isRequired: false),
            ])
        )
    }
    static var sample: AppFraudRules { AppFraudRules(value: nil) }

    init(value: JSONValue?) {
        self.value = value
    }

    init(from decoder: any Decoder) throws {
        guard let value = InputDecoder.value(of: decoder) else { throw ValueFault("must be JSON") }
        guard case .object(let members) = value else { throw ValueFault("must be an object of rules") }
        if let fault = Fraud.Rules.fault(in: value) { throw fault }
        self.value = members.isEmpty ? nil : value
    }

    func encode(to encoder: any Encoder) throws {
        try (value ?? .object([])).encode(to: encoder)
    }
}
