/// Says in a finished PDF what language it is in, for screen readers: cairo has no way to.
///
/// By an incremental update, which is a new version of the catalogue and a table of where it stands, put behind the
/// file (ISO 32000-1, 7.5.6 and 14.9.2). A file that is not as cairo 1.16 writes them stays as it is.
enum DocumentLanguage {
    static func tag(_ pdf: [UInt8], _ language: String) -> [UInt8] {
        let isPlain = language.utf8.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || byte == UInt8(ascii: "-")
        }
        guard isPlain, 2...35 ~= language.utf8.count else { return pdf }
        let tail = String(decoding: pdf.suffix(200), as: UTF8.self)
        guard
            let ends = tail.firstMatch(
                of: /\/Size (\d+)\s+\/Root (\d+) 0 R\s+\/Info (\d+) 0 R\s+>>\s+startxref\s+(\d+)/
            ),
            let table = Int(ends.output.4), let root = offset(of: ends.output.2, in: pdf, table: table)
        else { return pdf }
        let catalogue = String(decoding: pdf[root..<table], as: UTF8.self)
        guard let inner = catalogue.firstMatch(of: /^\d+ 0 obj\s+<<([^>]*)>>\s+endobj/),
            inner.output.1.contains("/Type /Catalog"), !inner.output.1.contains("/Lang")
        else { return pdf }
        let (size, number, info) = (ends.output.1, ends.output.2, ends.output.3)
        let object = "\(number) 0 obj\n<<\(inner.output.1)/Lang (\(language))\n>>\nendobj\n"
        let start = pdf.count
        let place = String(repeating: "0", count: max(0, 10 - "\(start)".count)) + "\(start)"
        let ending = """
            \(object)xref
            \(number) 1
            \(place) 00000 n\u{20}
            trailer
            << /Size \(size)
               /Root \(number) 0 R
               /Info \(info) 0 R
               /Prev \(table)
            >>
            startxref
            \(start + object.utf8.count)
            %%EOF

            """
        return pdf + Array(ending.utf8)
    }

    /// Where the last object of the table stands: cairo writes the catalogue last.
    private static func offset(of number: Substring, in pdf: [UInt8], table: Int) -> Int? {
        guard let number = Int(number), table > 0, table < pdf.count else { return nil }
        // Entries are 20 bytes each, after a heading of two lines (7.5.4).
        let text = String(decoding: pdf[table...].prefix(40), as: UTF8.self)
        guard let heading = text.firstMatch(of: /^xref\n0 \d+\n/) else { return nil }
        let (entry, overflow) = number.multipliedReportingOverflow(by: 20)
        guard !overflow, entry < pdf.count else { return nil }
        let start = table + heading.output.utf8.count + entry
        guard start + 10 <= pdf.count, let at = Int(String(decoding: pdf[start..<start + 10], as: UTF8.self)),
            at >= 0, at < table
        else { return nil }
        return at
    }
}
