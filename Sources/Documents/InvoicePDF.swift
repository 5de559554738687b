import Glibc
import Synchronization

/// Writes invoices as PDF.
public enum InvoicePDF {
    /// cairo keeps each font's file open once for the whole process, and FreeType lets only one thread at a time use
    /// such a face: two documents with colour glyphs at once have failed with "error occurred in libfreetype".
    private static let turn = Mutex(())

    /// The file: text that can be selected and searched, in any script for which fonts are installed, and the fonts in
    /// it. The same document, paper and date give the same bytes while the machine's fonts stay.
    ///
    /// Takes from milliseconds to, for 10,000 lines, seconds; may be called from any thread, and calls take turns. The
    /// first in a process loads fontconfig and its list of fonts. Throws `DocumentError`.
    ///
    /// - Parameter creation: the file's creation date in seconds since 1970 UTC.
    public static func render(_ document: InvoiceDocument, at creation: Int64, on paper: Paper = .a4) throws -> [UInt8]
    {
        try turn.withLock { _ in try draw(document, at: creation, on: paper) }
    }

    private static func draw(_ document: InvoiceDocument, at creation: Int64, on paper: Paper) throws -> [UInt8] {
        let type = try Typesetter(language: document.language)
        // Twice: the first page's footer says how many there are.
        var count = try InvoiceSheet(document, on: paper, type, canvas: nil, pages: 0)
        let pages = try count.draw()
        let canvas = try Canvas(
            paper,
            title: "\(document.title) \(document.number)",
            author: document.seller.first ?? "",
            created: try date(creation)
        )
        var sheet = try InvoiceSheet(document, on: paper, type, canvas: canvas, pages: pages)
        _ = try sheet.draw()
        return DocumentLanguage.tag(try canvas.finish(), document.language)
    }

    /// As cairo reads it: ISO 8601, of four-digit years. Of another, it would take the present instead.
    private static func date(_ seconds: Int64) throws -> String {
        var (time, parts) = (time_t(seconds), tm())
        var text = [CChar](repeating: 0, count: 32)
        guard 0...253_402_300_799 ~= seconds, gmtime_r(&time, &parts) != nil,
            strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts) > 0
        else { throw DocumentError.invalidDate }
        return text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    }
}
