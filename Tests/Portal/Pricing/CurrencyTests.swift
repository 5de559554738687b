import Testing
import Web

@testable import Portal

@Suite("Currencies")
struct CurrencyTests {
    @Test(
        "have the decimals that the provider gives them",
        arguments: [
            ("usd", 2, 1, 1), ("eur", 2, 1, 1), ("huf", 2, 1, 1), ("twd", 2, 1, 1), ("jpy", 0, 1, 1), ("krw", 0, 1, 1),
            ("mga", 0, 1, 1), ("isk", 0, 1, 100), ("ugx", 0, 1, 100), ("kwd", 3, 10, 1), ("tnd", 3, 10, 1),
        ] as [(String, Int, Int64, Int64)]
    )
    func decimals(code: String, digits: Int, step: Int64, factor: Int64) throws {
        let currency = try #require(Currency(code))
        #expect(currency.minorDigits == digits)
        #expect(currency.step == step)
        #expect(currency.providerFactor == factor)
        #expect(Currency(code.uppercased()) == currency)
    }

    @Test("are a hundred and forty or so, each by three letters, none twice")
    func table() {
        #expect((135...145).contains(Currency.all.count))
        #expect(Set(Currency.all.map(\.code)).count == Currency.all.count)
        for currency in Currency.all {
            #expect(currency.code.utf8.count == 3 && currency.code.utf8.allSatisfy { (97...122).contains($0) })
        }
        #expect(Currency.all.filter { $0.minorDigits == 0 }.count == 17)
        #expect(Currency.all.filter { $0.minorDigits == 3 }.map(\.code) == ["bhd", "jod", "kwd", "omr", "tnd"])
        #expect(Currency("usd") == .usd)
    }

    @Test("are none of these", arguments: ["", "us", "usdc", "xxx", "dem", "bgn", "u$d", " usd", "\u{212A}es", "ｕｓｄ"])
    func unknown(code: String) {
        #expect(Currency(code) == nil)
    }

    @Test("are sent to the provider as it wants them, and read back")
    func providerAmounts() throws {
        let cases: [(String, Int64, Int64)] = [
            ("usd", 1050, 1050), ("jpy", 500, 500), ("isk", 5, 500), ("ugx", 5, 500), ("kwd", 5120, 5120),
        ]
        for (code, minor, sent) in cases {
            let currency = try #require(Currency(code))
            #expect(try Money(minor, currency).providerAmount() == sent)
            #expect(try Money(providerAmount: sent, currency) == Money(minor, currency))
        }
    }

    @Test("are refused in amounts that cannot be charged")
    func unchargeable() throws {
        let (kwd, isk) = (try #require(Currency("kwd")), try #require(Currency("isk")))
        #expect(throws: PricingFault.unchargeable(5124, "kwd")) { try Money(5124, kwd).providerAmount() }
        #expect(throws: PricingFault.unchargeable(4010, "isk")) { try Money(providerAmount: 4010, isk) }
        #expect(throws: PricingFault.tooLarge) { try Money(.max, isk).providerAmount() }
    }

    @Test("do not mix, and amounts do not overflow")
    func sums() throws {
        let jpy = try #require(Currency("jpy"))
        #expect(try Money(1, .usd).adding(Money(2, .usd)) == Money(3, .usd))
        #expect(try Money(1, .usd).subtracting(Money(2, .usd)) == Money(-1, .usd))
        #expect(throws: PricingFault.otherCurrency("jpy")) { try Money(1, .usd).adding(Money(1, jpy)) }
        #expect(throws: PricingFault.otherCurrency("usd")) { try Money(1, jpy).subtracting(Money(1, .usd)) }
        #expect(throws: PricingFault.tooLarge) { try Money(.max, .usd).adding(Money(1, .usd)) }
        #expect(throws: PricingFault.tooLarge) { try Money(.min, .usd).subtracting(Money(1, .usd)) }
    }

    @Test(
        "are written with their own decimals",
        arguments: [
            ("usd", 0, "0.00"), ("usd", 5, "0.05"), ("usd", -5, "-0.05"), ("usd", 123_456, "1234.56"),
            ("jpy", 0, "0"), ("jpy", -500, "-500"), ("kwd", 5120, "5.120"), ("kwd", 10, "0.010"),
            ("usd", .min, "-92233720368547758.08"),
        ] as [(String, Int64, String)]
    )
    func text(code: String, minor: Int64, text: String) throws {
        #expect(Money(minor, try #require(Currency(code))).text == text)
    }
}

@Suite("Unit prices")
struct UnitPriceTests {
    @Test(
        "are read and written exactly",
        arguments: [
            ("0", 0), ("49", 49_000_000), ("0.5", 500_000), ("0.000001", 1), ("0.0005", 500),
            ("9223372036854.775807", .max),
        ] as [(String, Int64)]
    )
    func exact(text: String, micros: Int64) {
        #expect(UnitPrice(text)?.micros == micros)
        #expect(UnitPrice(micros: micros).text == text)
    }

    @Test("take noughts that say nothing", arguments: ["0.50", "0.5000000000", "00.5"])
    func noughts(text: String) {
        #expect(UnitPrice(text)?.micros == 500_000)
    }

    @Test(
        "are refused rather than rounded",
        arguments: [
            "", ".", ".5", "5.", "-1", "+1", "1e2", "1.2.3", "0.0000005", "0.1234567", "1,5", "9223372036854.775808",
            "99999999999999999999", " 1", "٣", "0x1",
        ]
    )
    func refused(text: String) {
        #expect(UnitPrice(text) == nil)
    }
}
