import FoundationEssentials

/// Header lines that any server takes: ASCII, at most 78 columns where they can be folded, and no line's end inside.
enum MailHeader {
    /// A line of text in any script, as a subject: as it is if plain, else as encoded words (RFC 2047).
    static func line(_ name: String, text: String) -> String {
        let text = flattened(text)
        let isPlain =
            text.utf8.allSatisfy { (32...126).contains($0) } && !text.contains("=?")
            && text.first != " " && text.last != " "
            && name.utf8.count + 2 + text.utf8.count <= 78
        return "\(name): \(isPlain ? text : encodedWords(text).joined(separator: "\r\n "))\r\n"
    }

    /// A name and an address, as in From.
    static func line(_ name: String, _ address: MailAddress) -> String {
        let shown = flattened(address.name)
        guard shown.contains(where: { $0 != " " }) else { return "\(name): \(address.address)\r\n" }
        // What is no atom stands in quotes (RFC 5322, section 3.2.4), and a quoted string holds no encoded word.
        let isPlain =
            shown.utf8.count <= 60 && !shown.contains("=?")
            && shown.utf8.allSatisfy { (32...126).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        // One word at most: readers differ in how they join those of a name.
        let word = isPlain ? "\"\(shown)\"" : encodedWords(shown).prefix(1).joined()
        let line = "\(name): \(word)"
        let fits = isPlain && line.utf8.count + 3 + address.address.utf8.count <= 78
        return "\(line)\(fits ? "" : "\r\n") <\(address.address)>\r\n"
    }

    /// Control characters, line ends among them, become blanks.
    private static func flattened(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl =
                scalar.properties.generalCategory == .control || scalar == "\u{2028}" || scalar == "\u{2029}"
            out.append(isControl ? " " : scalar)
        }
        return String(out)
    }

    /// Each word holds whole characters, and fits a line of 76 columns with the longest name of ours before it.
    private static func encodedWords(_ text: String) -> [String] {
        var words: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if words[words.count - 1].count + bytes.count > 39 { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { "=?UTF-8?B?\(Data($0).base64EncodedString())?=" }
    }
}
