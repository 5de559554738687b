import Testing

@testable import Portal

@Suite("An invoice's words")
struct InvoiceWordsTests {
    @Test(
        "write amounts with the decimals of their currency and commas between thousands",
        arguments: [
            ("usd", 0, "USD 0.00"), ("usd", 5, "USD 0.05"), ("usd", 99_999, "USD 999.99"),
            ("usd", 100_000, "USD 1,000.00"), ("usd", -123_456_789, "USD -1,234,567.89"),
            ("jpy", 1_234_567, "JPY 1,234,567"),
            ("jpy", -5, "JPY -5"), ("kwd", 1_234_560, "KWD 1,234.560"), ("usd", .max, "USD 92,233,720,368,547,758.07"),
        ] as [(String, Int64, String)]
    )
    func money(code: String, minor: Int64, words: String) throws {
        #expect(InvoiceWords.money(Cents(minor), try #require(Currency(code))) == words)
    }

    @Test(
        "write prices with the decimals of their currency, or more",
        arguments: [
            ("usd", 1_000_000, "1.00"), ("usd", 500, "0.0005"), ("usd", 2_500_000_000, "2,500.00"),
            ("jpy", 3_000_000, "3"),
            ("jpy", 500_000, "0.5"), ("kwd", 10_000, "0.010"), ("usd", 0, "0.00"),
        ]
    )
    func price(code: String, micros: Int, words: String) throws {
        #expect(InvoiceWords.price(UnitPrice(micros: Int64(micros)), try #require(Currency(code))) == words)
    }

    @Test("write dates in full, and a period by its first and last day")
    func dates() {
        let first = Timestamp(day: Day(year: 2026, month: 2, day: 1))
        #expect(InvoiceWords.date(first.adding(seconds: 86_399)) == "1 February 2026")
        #expect(InvoiceWords.period(first..<first.adding(days: 28)) == "1 February 2026 to 28 February 2026")
        #expect(InvoiceWords.period(first..<first.adding(days: 1)) == "1 February 2026")
        #expect(InvoiceWords.period(first..<first) == "1 February 2026")
    }

    @Test(
        "write rates in percent",
        arguments: [(190_000, "19 %"), (82_500, "8.25 %"), (0, "0 %"), (10_000_000, "1000 %")]
    )
    func percent(millionths: Int, words: String) {
        #expect(InvoiceWords.percent(Int64(millionths)) == words)
    }
}
