import Web

/// A mail as its writer sees it; it is rendered to plain text and to HTML in one place, so that both say the same.
struct Letter: Sendable, Equatable {
    enum Part: Sendable, Equatable {
        case text(String)
        /// A button in HTML, a line of its own in plain text.
        case link(String, url: String)
        /// Something to copy by hand.
        case code(String)
    }

    let subject: String
    let parts: [Part]

    init(subject: String, _ parts: [Part]) {
        (self.subject, self.parts) = (subject, parts)
    }
}

extension Letter {
    /// As it waits in the outbox.
    var payload: [JSONValue.Member] {
        let parts = parts.map { part -> JSONValue in
            switch part {
            case .text(let text): .object([.init("text", .string(text))])
            case .link(let label, let url): .object([.init("link", .string(label)), .init("url", .string(url))])
            case .code(let code): .object([.init("code", .string(code))])
            }
        }
        return [.init("subject", .string(subject)), .init("parts", .array(parts))]
    }

    /// Nil for what ``payload`` has not written.
    init?(_ payload: JSONValue) {
        guard let subject = payload["subject"]?.string, case .array(let values)? = payload["parts"] else { return nil }
        let parts = values.compactMap { value -> Part? in
            if let text = value["text"]?.string { return .text(text) }
            if let code = value["code"]?.string { return .code(code) }
            guard let label = value["link"]?.string, let url = value["url"]?.string else { return nil }
            return .link(label, url: url)
        }
        guard parts.count == values.count else { return nil }
        self.init(subject: subject, parts)
    }
}
