import Glibc

@testable import Portal

/// What poppler, which knows nothing of ours, reads in a PDF.
enum Pdftotext {
    static func read(_ pdf: [UInt8]) throws -> String {
        var name = Array("/var/tmp/purser-invoice-XXXXXX".utf8CString)
        let file = mkstemp(&name)
        guard file >= 0 else { throw Missing() }
        let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(path) }
        guard pdf.withUnsafeBytes({ write(file, $0.baseAddress, $0.count) }) == pdf.count else { throw Missing() }
        close(file)
        guard let pipe = popen("pdftotext -layout \(path) -", "re") else { throw Missing() }
        var text: [UInt8] = []
        while case let byte = fgetc(pipe), byte >= 0 { text.append(UInt8(truncatingIfNeeded: byte)) }
        guard pclose(pipe) == 0 else { throw Missing() }
        // Without the marks that poppler puts around text from right to left.
        let marks: Set<Unicode.Scalar> = ["\u{202a}", "\u{202b}", "\u{202c}", "\u{200e}", "\u{200f}"]
        let scalars = String(decoding: text, as: UTF8.self).unicodeScalars.filter { !marks.contains($0) }
        return String(String.UnicodeScalarView(scalars))
    }

    /// Without blanks, which poppler guesses.
    static func squeezed(_ text: String) -> String { text.filter { !$0.isWhitespace } }
}
