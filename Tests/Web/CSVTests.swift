import Testing

@testable import Web

@Suite("A table as comma-separated values")
struct CSVTests {
    private func line(_ fields: String...) -> String { String(decoding: CSV.line(fields), as: UTF8.self) }

    @Test("ends each record with CR and LF")
    func records() {
        #expect(line("a", "b c", "1") == "a,b c,1\r\n")
        #expect(line("", "") == ",\r\n")
    }

    @Test("quotes what would be read as more than one field, and doubles quotes")
    func quoting() {
        #expect(line("a,b", "c\"d", "e\r\nf", "g\nh") == "\"a,b\",\"c\"\"d\",\"e\r\nf\",\"g\nh\"\r\n")
    }

    @Test(
        "puts an apostrophe before what a spreadsheet would run",
        arguments: ["=1+1", "+1", "-1+1", "-", "-.5", "-1.2.3", "-A1", "@SUM(A1)", "\tx", "=HYPERLINK(\"x\",\"y\")"]
    )
    func formulas(text: String) {
        let written = line(text)
        #expect(written.hasPrefix("'") || written.hasPrefix("\"'"))
        #expect(line("a\(text)").first == "a" || line("a\(text)").hasPrefix("\"a"))
    }

    @Test("leaves plain negative numbers as they are", arguments: ["-1", "-5.00", "-0.001"])
    func numbers(text: String) {
        #expect(line(text) == "\(text)\r\n")
    }
}
