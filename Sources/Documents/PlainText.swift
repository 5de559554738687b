/// What may be handed to Pango.
enum PlainText {
    /// Scalars in a paragraph. Pango shapes what is left of a paragraph again for every line it breaks off, so one
    /// without end would take time by the square of its length.
    static let longest = 1000

    /// Without control characters, and with line feeds at least every ``longest`` scalars: at a space if there is one.
    static func clean(_ text: String) -> String {
        // Most texts are figures and plain words.
        if text.utf8.count < longest, text.utf8.allSatisfy({ 0x20..<0x7f ~= $0 }) { return text }
        var clean = String.UnicodeScalarView()
        var paragraph: [Unicode.Scalar] = []
        var space: Int?
        var isAfterReturn = false
        for scalar in text.unicodeScalars {
            let endsReturn = isAfterReturn && scalar == "\n"
            isAfterReturn = scalar == "\r"
            if endsReturn { continue }
            if isBreak(scalar) {
                clean += paragraph
                clean.append("\n")
                (paragraph, space) = ([], nil)
                continue
            }
            guard let kept = kept(scalar) else { continue }
            if kept == " " { space = paragraph.count }
            paragraph.append(kept)
            guard paragraph.count >= longest else { continue }
            let end = space ?? paragraph.count
            clean += paragraph[..<end]
            clean.append("\n")
            (paragraph, space) = (Array(paragraph[end...].drop { $0 == " " }), nil)
        }
        return String(clean + paragraph)
    }

    private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
        default: false
        }
    }

    private static func kept(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar.value {
        case 9: " "
        case 0..<0x20, 0x7f..<0xa0: nil
        // Overrides of the direction would show a text as another than can be copied from it.
        case 0x202d, 0x202e: nil
        default: scalar
        }
    }
}
