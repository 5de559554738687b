import Glibc
import Testing

@testable import Documents

/// An invoice with something in every place.
private func sample(lines: Int = 3) -> InvoiceDocument {
    var document = InvoiceDocument(title: "Invoice", number: "PUR-2026-00042")
    document.stamp = .init("PAID", .good)
    document.seller = ["Purser Quantum Ltd", "12 Harbour Road", "Leith EH6 6AB"]
    document.customer = ["Ada Lovelace", "St James's Square"]
    document.facts = [.init("Issued", "1 March 2026"), .init("Corrects", "Invoice PUR-2026-00031")]
    document.headline = "$1,284.60 due 31 March 2026"
    document.payment = .init("Pay this invoice", url: "https://pay.example/i/3f9c?a=b")
    document.lines = (0..<lines).map { index in
        .init(
            "Simulator shots, batch \(index)",
            detail: "1,204 events",
            quantity: "12,480",
            unitPrice: "$0.0025",
            amount: "$31.20",
            tax: "$6.24",
            total: "$37.44"
        )
    }
    document.totals = [.init("Subtotal", "$1,070.50"), .init("Total", "$1,284.60", isMain: true)]
    document.notes = ["Thank you for your business."]
    return document
}

private func render(_ document: InvoiceDocument, on paper: Paper = .a4) throws -> Poppler {
    Poppler(pdf: try InvoicePDF.render(document, at: 1_772_323_200, on: paper))
}

@Suite("An invoice's PDF")
struct InvoicePDFTests {
    @Test("says all that the invoice says")
    func says() throws {
        let text = try render(sample()).text()
        for word in [
            "Invoice", "PUR-2026-00042", "PAID", "Purser Quantum Ltd", "12 Harbour Road", "Billed to", "Ada Lovelace",
            "Corrects", "PUR-2026-00031", "$1,284.60 due 31 March 2026", "Pay this invoice",
            "https://pay.example/i/3f9c?a=b", "Simulator shots, batch 2", "1,204 events", "12,480", "$0.0025", "$31.20",
            "$6.24", "$37.44", "Subtotal", "$1,070.50", "Thank you for your business.", "Page 1 of 1",
        ] {
            #expect(text.contains(word), "\(word)")
        }
        #expect(text.contains("Tax") && !text.contains("Discount"), "a column is shown when something stands in it")
    }

    @Test(
        "carries names in any script, as text",
        arguments: [
            "Zoë Ångström-Łukasiewicz", "Ελένη Παπαδοπούλου", "Фёдор Достоевский", "山田太郎", "かぶしきがいしゃ", "王小明",
            "김철수", "محمد عبد الله", "שלמה המלך", "สมชาย ใจดี", "राम कुमार", "Nguyễn Văn Đức",
        ]
    )
    func scripts(name: String) throws {
        var document = InvoiceDocument(title: "Invoice", number: "1")
        document.customer = ["First", name]
        document.lines = [.init(name, total: "$1.00")]
        let text = try render(document).text()
        #expect(text.ranges(of: name).count == 2, "\(text)")
    }

    @Test("goes on over pages with the table's head on each, and says which of how many it is")
    func pages() throws {
        let pages = try render(sample(lines: 1_200)).pages()
        #expect(pages.count > 30)
        for (index, page) in pages.enumerated() {
            #expect(page.contains("Page \(index + 1) of \(pages.count)"))
            let head = page.contains("Unit price")
            #expect(head == page.contains("batch"), "page \(index + 1)")
        }
        let numbers = pages.joined().matches(of: /batch (\d+)/).compactMap { Int($0.output.1) }
        #expect(numbers == Array(0..<1_200))
    }

    @Test("keeps a row on one page, its description and its figures")
    func wholeRows() throws {
        for page in try render(sample(lines: 100)).pages() {
            #expect(page.ranges(of: "batch").count == page.ranges(of: "1,204 events").count)
            #expect(page.ranges(of: "batch").count == page.ranges(of: "$37.44").count)
        }
    }

    @Test("breaks a description of 500 lines over pages, and words that are too long for any line")
    func longTexts() throws {
        var document = sample()
        document.lines[0].description = (0..<500).map { "item\($0)." }.joined(separator: "\n")
        document.lines[1].description = String(repeating: "x", count: 5_000) + "end"
        document.lines[2].total = "$" + String(repeating: "1", count: 400)
        document.customer[0] = String(repeating: "w", count: 3_000)
        document.totals[0].amount = String(repeating: "2", count: 400)
        let pdf = try render(document)
        let text = try pdf.text()
        for index in 0..<500 { #expect(text.contains("item\(index).")) }
        let letters = text.filter { "xw12".contains($0) }
        #expect(letters.filter { $0 == "x" }.count >= 5_000)
        #expect(letters.filter { $0 == "w" }.count >= 3_000)
        #expect(letters.filter { $0 == "1" }.count >= 400)
        #expect(try pdf.pages().count < 25)
    }

    @Test("breaks a long identifier without putting hyphens into it")
    func identifiers() throws {
        let type = try Typesetter(language: "en")
        let name = String(repeating: "event", count: 20)
        let lines = try type.set(name, .body, .ink, width: 100)
        #expect(lines.count > 2)
        // A hyphen cannot be copied from a PDF, but takes room.
        #expect(try abs(lines.reduce(0) { $0 + $1.width } - type.width(of: name, .body)) < 1)
    }

    @Test("prints long figures smaller rather than in pieces")
    func longFigures() throws {
        var document = sample()
        let figures = [
            "1,234,567,890", "$12,345.678901", "–$12,345,678.90", "–$1,234,567.89", "–$2,345.67", "$9,876.54",
        ]
        document.lines[1] = .init(
            "Much",
            quantity: figures[0],
            unitPrice: figures[1],
            amount: figures[2],
            discount: figures[3],
            tax: figures[4],
            total: figures[5]
        )
        let text = try render(document).text()
        for figure in figures { #expect(text.contains(figure), "\(figure)") }
    }

    @Test("takes a paragraph of half a million letters in one go")
    func longParagraph() throws {
        var document = InvoiceDocument(title: "Invoice", number: "1")
        document.notes = [String(repeating: "ab cd ", count: 40_000), String(repeating: "字", count: 20_000)]
        #expect(try render(document).text().filter { $0 == "a" }.count > 40_000)
    }

    @Test(
        "takes any characters",
        arguments: [
            "a\u{0}b", "\u{1}\u{8}\u{1b}[31mred\u{7f}\u{9b}", "tab\tand\r\nlines\rand\u{2028}more", "\u{202e}gnp.exe",
            String(decoding: [0x61, 0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0xf4, 0x90] as [UInt8], as: UTF8.self),
            "👩‍👩‍👧‍👦 🇩🇪 ☺️ 1️⃣", "e" + String(repeating: "\u{301}", count: 40), "\u{fffd}\u{10fffd}\u{e000}",
            "\u{feff}\u{200b}\u{2066}\u{2067}", " ", "\n\n\n", "<b>&amp;</b> %s %n \\ ' ) ( ", "𒀀 𓀀 ꧁ ﷽",
        ]
    )
    func anyCharacters(text: String) throws {
        var document = InvoiceDocument(title: text, number: text)
        document.language = text
        document.stamp = .init(text, .bad)
        document.seller = [text, text]
        document.customer = [text]
        document.facts = [.init(text, text)]
        document.headline = text
        document.payment = .init(text, url: "https://x.example/" + text)
        document.lines = [.init(text, detail: text, quantity: text, amount: text, discount: text, total: text)]
        document.totals = [.init(text, text), .init(text, text, isMain: true)]
        document.notes = [text, "after it"]
        let pdf = try render(document)
        #expect(try pdf.text().contains("after it"))
        let pages = try #require(try pdf.facts()["Pages"])
        #expect(["1", "2"].contains(pages))
        #expect(try pdf.text().contains("Page 1 of \(pages)"))
    }

    @Test("is made of nothing, too")
    func empty() throws {
        let text = try render(InvoiceDocument(title: "", number: "")).text()
        #expect(text.contains("Page 1 of 1") && !text.contains("Description"))
    }

    @Test("is the same, byte for byte, for the same document, from whatever thread")
    func deterministic() async throws {
        let document = sample(lines: 40)
        let first = try InvoicePDF.render(document, at: 1_772_323_200)
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<4 { group.addTask { try InvoicePDF.render(document, at: 1_772_323_200) } }
            for try await again in group { #expect(again == first) }
        }
        #expect(try InvoicePDF.render(document, at: 1_772_323_201) != first)
    }

    @Test("holds its fonts")
    func fonts() throws {
        var document = sample()
        document.customer = ["山田太郎", "محمد"]
        let fonts = try render(document).fonts()
        #expect(fonts.count >= 3)
        for font in fonts { #expect(font.isEmbedded, "\(font.name)") }
    }

    @Test("says its title, author, date and language")
    func metadata() throws {
        var document = sample()
        document.language = "de-AT"
        let pdf = try render(document)
        let facts = try pdf.facts()
        #expect(facts["Title"] == "Invoice PUR-2026-00042")
        #expect(facts["Author"] == "Purser Quantum Ltd")
        #expect(facts["CreationDate"]?.contains("Mar  1 00:00:00 2026") == true)
        #expect(String(decoding: pdf.pdf, as: UTF8.self).contains("/Lang (de-AT)"))
    }

    @Test("refuses a date that a PDF cannot say", arguments: [-1, Int64.max, Int64.min, 253_402_300_800])
    func dates(seconds: Int64) {
        #expect(throws: DocumentError.invalidDate) { try InvoicePDF.render(sample(), at: seconds) }
    }

    @Test("fits the paper that was asked for")
    func papers() throws {
        #expect(try render(sample()).facts()["Page size"] == "595.28 x 841.89 pts (A4)")
        #expect(try render(sample(), on: .letter).facts()["Page size"] == "612 x 792 pts (letter)")
    }

    @Test("leads to where it is paid, and nowhere but to the web")
    func links() throws {
        #expect(try render(sample()).links() == ["https://pay.example/i/3f9c?a=b"])
        for url in ["javascript:alert(1)", "file:///etc/passwd", "https://a.example/' rect=[0 0 9 9] uri='x", ""] {
            var document = sample()
            document.payment = .init("Pay", url: url)
            #expect(try render(document).links() == [])
        }
    }
}

@Suite("Many invoices' PDFs", .serialized)
struct InvoicePDFMemoryTests {
    /// In megabytes. Of the whole process, in which other tests run: only what is large means something.
    private func resident() throws -> Int {
        let file = try #require(fopen("/proc/self/statm", "r"))
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 200)
        _ = fgets(&line, CInt(line.count), file)
        let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            .split(separator: " ")
        return try #require(Int(words[1])) * 4_096 / 1_000_000
    }

    @Test("leave nothing behind in memory")
    func leaks() throws {
        let document = sample(lines: 30)
        _ = try InvoicePDF.render(document, at: 0)
        let before = try resident()
        for _ in 0..<200 { _ = try InvoicePDF.render(document, at: 0) }
        #expect(try resident() - before < 80)
    }

    @Test("of ten thousand lines take no more memory than their bytes")
    func manyLines() throws {
        let document = sample(lines: 10_000)
        let before = try resident()
        let pdf = try InvoicePDF.render(document, at: 0)
        #expect(pdf.count < 3_000_000)
        #expect(try resident() - before < 80)
    }
}
