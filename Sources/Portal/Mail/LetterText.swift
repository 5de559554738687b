extension Letter {
    /// The letter in plain text: paragraphs with a blank line between them, a link or a code on a line of its own.
    ///
    /// - Parameter site: our address, at the end.
    func text(site: String) -> String {
        let parts = parts.map { part in
            switch part {
            case .text(let text): text
            case .link(let label, let url): "\(label):\n\(url)"
            case .code(let code): "    \(code)"
            }
        }
        return (parts + ["-- \nPurser, \(site)"]).joined(separator: "\n\n") + "\n"
    }
}
