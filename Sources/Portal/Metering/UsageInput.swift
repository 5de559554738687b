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
