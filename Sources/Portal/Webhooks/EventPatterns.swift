import Web

/// The events that an endpoint chose: names, `usage.*` for all that begin so, `*` for all.
struct EventPatterns: Codable, Sendable, Equatable, Documented {
    static let most = 50
    static let all = EventPatterns(unchecked: ["*"])

    let patterns: [String]

    private init(unchecked patterns: [String]) {
        self.patterns = patterns
    }

    init(stored text: String) {
        patterns = text.split(separator: " ").map(String.init)
    }

    /// As stored.
    var text: String { patterns.joined(separator: " ") }

    init(from decoder: any Decoder) throws {
        let patterns = try [String](from: decoder)
        guard (1...Self.most).contains(patterns.count) else { throw ValueFault("must be 1 to \(Self.most) events") }
        for pattern in patterns where !WebhookEvents.all.contains(where: { Self.matches(pattern, $0.name) }) {
            throw ValueFault("names an event that there is not")
        }
        self.patterns = patterns
    }

    func encode(to encoder: any Encoder) throws {
        try patterns.encode(to: encoder)
    }

    func contain(_ event: String) -> Bool {
        patterns.contains { Self.matches($0, event) }
    }

    private static func matches(_ pattern: String, _ event: String) -> Bool {
        if pattern.utf8.elementsEqual("*".utf8) { return true }
        guard pattern.utf8.count > 2, pattern.utf8.suffix(2).elementsEqual(".*".utf8) else {
            return pattern.utf8.elementsEqual(event.utf8)
        }
        return event.utf8.starts(with: pattern.utf8.dropLast())
    }

    static var schema: Schema {
        .array(.string(min: 1, max: 64, pattern: #"^(\*|[a-z_]+\.(\*|[a-z_]+)|[A-Z_]+)$"#, format: nil), max: most)
    }

    static var sample: EventPatterns { all }
}
