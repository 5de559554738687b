import Web

/// A small JSON object of what a client said beside an event, kept as text.
struct UsageDetail {
    private var members: [JSONValue.Member] = []

    mutating func note(_ name: String, _ value: Measure?) {
        guard let value else { return }
        members.append(.init(name, .decimal("\(value.value)")))
    }

    mutating func note(_ name: String, _ value: Bool?) {
        guard let value else { return }
        members.append(.init(name, .bool(value)))
    }

    mutating func note(_ name: String, _ value: String?) {
        guard let value else { return }
        members.append(.init(name, .string(value)))
    }

    /// Nil when nothing was said.
    func text() throws -> String? {
        guard !members.isEmpty else { return nil }
        return String(decoding: try JSONEncoding.bytes(of: JSONValue.object(members)), as: UTF8.self)
    }
}

/// What a client says in its own words, such as a stack trace: any text, of which the beginning is kept.
struct Remark: Codable, Sendable, Documented {
    static let longest = 2000

    let text: String

    static var schema: Schema { String.schema }
    static var sample: Remark { Remark(text: "") }

    private init(text: String) {
        self.text = text
    }

    init(from decoder: any Decoder) throws {
        let whole = try decoder.singleValueContainer().decode(String.self)
        text = String(String.UnicodeScalarView(whole.unicodeScalars.prefix(Self.longest)))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
