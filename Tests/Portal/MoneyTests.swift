import Testing
import Web

@testable import Portal

@Suite("Money")
struct MoneyTests {
    @Test(
        "is read exactly",
        arguments: [
            ("0", 0), ("0.0", 0), ("-0", 0), ("1", 1_000_000), ("350.25", 350_250_000), ("350.1", 350_100_000),
            ("0.001", 1000),
            ("0.000001", 1), ("-12.5", -12_500_000), ("007", 7_000_000),
            ("999999999999.999999", 999_999_999_999_999_999),
            ("0.0000005", 1), ("0.00000049999", 0), ("-0.0000005", -1), ("0.9999995", 1_000_000),
            ("0.123456789012345678", 123_457),
        ] as [(String, Int64)]
    )
    func reads(text: String, micros: Int64) {
        #expect(Dollars(text)?.micros == micros)
    }

    @Test(
        "is refused in other notations",
        arguments: [
            "", "-", ".", ".5", "5.", "+5", "--5", "1e2", "1E2", "0x10", "1,5", "1 000", " 1", "1 ", "$1", "1.2.3",
            "1.-5", "nan", "inf",
            "1000000000000", "0.1234567890123456789", "٣", "１",
        ]
    )
    func refuses(text: String) {
        #expect(Dollars(text) == nil)
    }

    @Test(
        "is written with at least two decimals and only as many as it needs",
        arguments: [
            (0, "0.00"), (1, "0.000001"), (1000, "0.001"), (10_000, "0.01"), (100_000, "0.10"), (350_000_000, "350.00"),
            (350_250_000, "350.25"), (350_255_000, "350.255"), (-1, "-0.000001"), (-12_500_000, "-12.50"),
            (.max, "9223372036854.775807"), (.min, "-9223372036854.775808"),
        ] as [(Int64, String)]
    )
    func writes(micros: Int64, text: String) throws {
        #expect(Dollars(micros: micros).text == text)
        #expect(
            String(decoding: try JSONEncoding.bytes(of: ["x": Dollars(micros: micros)]), as: UTF8.self)
                == "{\"x\":\(text)}"
        )
        if micros.magnitude < 1_000_000_000_000_000_000 { #expect(Dollars(text)?.micros == micros) }
    }

    @Test(
        "rounds to the cent, halves away from zero",
        arguments: [
            (0, 0), (4999, 0), (5000, 1), (9999, 1), (10_000, 1), (14_999, 1), (15_000, 2), (25_000, 3), (-4999, 0),
            (-5000, -1),
            (-14_999, -1), (-15_000, -2), (.max, 922_337_203_685_478), (.min, -922_337_203_685_478),
        ] as [(Int64, Int64)]
    )
    func rounds(micros: Int64, cents: Int64) {
        #expect(Dollars(micros: micros).cents == Cents(cents))
    }

    @Test("of cents is exact in dollars, and stops at the most that fits instead of ending the process")
    func dollars() {
        #expect(Cents(35_025).dollars.text == "350.25")
        #expect(Cents(-1).dollars.text == "-0.01")
        #expect(Cents(1_000_000_000_000_000).dollars.micros == .max)
        #expect(Cents(-1_000_000_000_000_000).dollars.micros == -.max)
    }

    @Test("of many small prices, charged as steps between rounded totals, adds up to the rounded sum")
    func steps() {
        var dice = SeededDice(for: "sub-cent sums")
        for _ in 0..<50 {
            var (total, charged) = (Int64(0), Cents.zero)
            for _ in 0..<500 {
                let before = total
                total += Int64(dice.roll(0...30_000))
                charged = charged + (Dollars(micros: total).cents - Dollars(micros: before).cents)
            }
            #expect(charged == Dollars(micros: total).cents, "seed \(dice.seed)")
        }
        // A thousand uses of a tenth of a cent are a dollar.
        #expect(Dollars(micros: 1000 * 1000).cents == Cents(100))
    }

    struct Payment: Codable { let amount: Dollars }

    @Test("of a request is a JSON number, never a string, its decimals as sent")
    func decodes() throws {
        func amount(_ json: String) throws -> Int64 {
            try InputDecoder.decode(Payment.self, from: JSONParser.parse(Array("{\"amount\":\(json)}".utf8))).amount
                .micros
        }
        #expect(try amount("350") == 350_000_000)
        #expect(try amount("350.0") == 350_000_000)
        #expect(try amount("0.1") == 100_000)
        #expect(try amount("-5") == -5_000_000)
        for bad in ["\"350\"", "true", "null", "1e3", "1e400", "99999999999999", "99999999999999999999999", "[1]"] {
            let fault = #expect(throws: FieldFault.self) { try amount(bad) }
            #expect(fault?.field == "amount")
        }
    }
}
