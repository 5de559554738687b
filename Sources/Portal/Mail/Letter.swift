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
