import Testing

@testable import Portal

@Suite("Pricing")
struct PricingTests {
    private func plan(_ items: PlanPrices.Item..., in code: String = "usd") throws -> PlanPrices {
        try PlanPrices(currency: try #require(Currency(code)), items: items)
    }

    private func total(_ lines: [PricedLine]) -> Int64 { lines.reduce(0) { $0 + $1.amount } }

    private func dollars(_ text: String) throws -> UnitPrice { try #require(UnitPrice(text)) }

    /// Growth of the partner program: 49 dollars, 100,000 calls, 0.50 per 1000 over.
    private func growth() throws -> PlanPrices {
        let calls = PlanPrices.Item(
            name: "growth",
            label: "Growth",
            meter: "calls",
            model: .flat(try dollars("49")),
            overage: PlanPrices.Overage(after: 100_000, unitPrice: try dollars("0.0005"))
        )
        return try plan(calls)
    }

    @Test(
        "bills a fee, what it covers, and what is over",
        arguments: [
            (0, 4900, 1), (1, 4900, 2), (100_000, 4900, 2), (100_001, 4900, 3), (100_009, 4900, 3), (100_010, 4901, 3),
            (120_000, 5900, 3),
        ] as [(Int64, Int64, Int)]
    )
    func feeAndOverage(calls: Int64, cents: Int64, lines: Int) throws {
        let priced = try Pricing.lines(of: ["calls": calls], under: try growth())
        #expect(total(priced) == cents)
        #expect(priced.count == lines)
    }

    @Test("comes to 0.17 for 585 of 500 included at 2.00 per 1000, as the contract has it")
    func includedCredits() throws {
        let item = PlanPrices.Item(name: "ai", meter: "ai", model: .perUnit(try dollars("0.002")), included: 500)
        let lines = try Pricing.lines(of: ["ai": 585], under: try plan(item))
        #expect(lines.map(\.kind) == [.included, .units])
        #expect(lines.map(\.quantity) == [500, 85])
        #expect(lines.map(\.units) == [1...500, 501...585])
        #expect(total(lines) == 17)
    }

    /// The provider's own example (docs.stripe.com/subscriptions/pricing-models/tiered-pricing): 1 to 5 fonts at 7
    /// dollars, 6 to 10 at 6.50, more at 6.
    @Test(
        "prices the provider's example of tiers as the provider does",
        arguments: [
            (0, 0, 0), (1, 700, 700), (5, 3500, 3500), (6, 3900, 4150), (10, 6500, 6750), (11, 6600, 7350),
            (20, 12_000, 12_750), (25, 15_000, 15_750),
        ] as [(Int64, Int64, Int64)]
    )
    func fonts(quantity: Int64, volume: Int64, graduated: Int64) throws {
        let tiers = [
            PriceModel.Tier(upTo: 5, unitPrice: try dollars("7")),
            PriceModel.Tier(upTo: 10, unitPrice: try dollars("6.5")),
            PriceModel.Tier(upTo: nil, unitPrice: try dollars("6")),
        ]
        for (model, cents) in [(PriceModel.volume(tiers), volume), (.graduated(tiers), graduated)] {
            let item = PlanPrices.Item(name: "fonts", meter: "fonts", model: model)
            #expect(total(try Pricing.lines(of: ["fonts": quantity], under: try plan(item))) == cents)
        }
    }

    @Test("rounds a line once, halves up: 30 at 0.05 cents are 2 cents")
    func roundsOnce() throws {
        let item = PlanPrices.Item(name: "mb", meter: "mb", model: .perUnit(try dollars("0.0005")))
        #expect(total(try Pricing.lines(of: ["mb": 30], under: try plan(item))) == 2)
        #expect(total(try Pricing.lines(of: ["mb": 29], under: try plan(item))) == 1)
    }

    @Test("charges the flat part of each tier reached, and none for no usage")
    func flatParts() throws {
        let tiers = [
            PriceModel.Tier(upTo: 10, unitPrice: .zero, flat: try dollars("5")),
            PriceModel.Tier(upTo: nil, unitPrice: try dollars("1"), flat: try dollars("20")),
        ]
        let item = PlanPrices.Item(name: "jobs", meter: "jobs", model: .graduated(tiers))
        let amounts = try [0, 10, 11].map { try Pricing.lines(of: ["jobs": $0], under: plan(item)).map(\.amount) }
        #expect(amounts == [[], [0, 500], [0, 500, 100, 2000]])
    }

    @Test("rounds up to packages")
    func packages() throws {
        let item = PlanPrices.Item(name: "m", meter: "m", model: .package(size: 1000, price: try dollars("0.8")))
        let quantities = try [0, 1, 1000, 1001].map { used in
            try Pricing.lines(of: ["m": used], under: plan(item)).map(\.quantity)
        }
        #expect(quantities == [[], [1], [1], [2]])
    }

    @Test("tops up to the minimum, without usage too")
    func minimum() throws {
        let item = PlanPrices.Item(
            name: "calls",
            meter: "calls",
            model: .perUnit(try dollars("1")),
            minimum: try dollars("10")
        )
        let lines = try [0, 9, 10, 11].map { try Pricing.lines(of: ["calls": $0], under: plan(item)).map(\.amount) }
        #expect(lines == [[1000], [900, 100], [1000], [1100]])
    }

    @Test("charges a part of the period to the second, in leap years too")
    func prorates() throws {
        let year = PlanPrices.Item(name: "year", model: .flat(try dollars("366")))
        let day: Int64 = 86_400
        let part = try PeriodPart(seconds: 60 * day, of: 366 * day)
        #expect(total(try Pricing.lines(of: [:], under: plan(year), for: part)) == 6000)
        let none = try PeriodPart(seconds: 0, of: 28 * day)
        #expect(total(try Pricing.lines(of: [:], under: plan(year), for: none)) == 0)
        let second = try PeriodPart(seconds: 1, of: 366 * day)
        let million = PlanPrices.Item(name: "big", model: .flat(try dollars("316224")))
        #expect(total(try Pricing.lines(of: [:], under: plan(million), for: second)) == 1)
    }

    @Test("shortens allowances only where the item says so, the odd unit being the customer's")
    func prorationOfAllowances() throws {
        let half = try PeriodPart(seconds: 1, of: 2)
        let amounts = try PlanPrices.Proration.allCases.map { proration in
            let item = PlanPrices.Item(
                name: "calls",
                meter: "calls",
                model: .perUnit(try dollars("1")),
                included: 5,
                minimum: try dollars("8"),
                prorates: proration
            )
            return try Pricing.lines(of: ["calls": 6], under: plan(item), for: half).map(\.amount)
        }
        #expect(amounts == [[0, 100, 700], [0, 100, 300], [0, 300, 100]])
    }

    @Test("refuses a part of a period that is none", arguments: [(-1, 2), (3, 2), (0, 0), (1, 10_000_000_001)])
    func parts(seconds: Int64, length: Int64) {
        #expect(throws: PricingFault.noSuchPart(seconds: seconds, of: length)) {
            try PeriodPart(seconds: seconds, of: length)
        }
    }

    @Test("prices several meters by several items, in the plan's order")
    func severalMeters() throws {
        let plan = try plan(
            PlanPrices.Item(name: "base", model: .flat(try dollars("19"))),
            PlanPrices.Item(name: "shots", meter: "shots:ibm_torino", model: .perUnit(try dollars("3"))),
            PlanPrices.Item(name: "calls", meter: "calls", model: .perUnit(try dollars("0.01"))),
            PlanPrices.Item(name: "peak", meter: "calls", model: .package(size: 100, price: try dollars("1")))
        )
        let lines = try Pricing.lines(of: ["calls": 250, "shots:ibm_torino": 2, "idle": 0], under: plan)
        #expect(lines.map(\.item) == ["base", "shots", "calls", "peak"])
        #expect(lines.map(\.amount) == [1900, 600, 250, 300])
    }

    @Test("refuses usage that no item prices, rather than giving it away")
    func unpriced() throws {
        #expect(throws: PricingFault.unpriced(meter: "tts")) {
            try Pricing.lines(of: ["calls": 1, "tts": 1, "zzz": 1], under: try growth())
        }
    }

    @Test("refuses usage below zero, even of a meter it does not price", arguments: ["calls", "other"])
    func negative(meter: String) throws {
        #expect(throws: PricingFault.negativeUsage(meter: meter)) {
            try Pricing.lines(of: [meter: -1], under: try growth())
        }
        #expect(throws: PricingFault.negativeUsage(meter: meter)) {
            try Pricing.lines(of: [meter: .min], under: try growth())
        }
    }

    @Test("says on each line what it is for")
    func descriptions() throws {
        let fees = try PeriodPart(seconds: 13, of: 31)
        let lines = try Pricing.lines(of: ["calls": 100_002], under: try growth(), for: fees)
        #expect(
            lines.map(\.description) == [
                "Growth, 41.93 % of the period", "Growth, units 1 to 100000 included",
                "Growth, units 100001 to 100002 over the plan",
            ]
        )
        #expect(try lines[0].credited().description == "Credit: Growth, 41.93 % of the period")
        #expect(try lines[0].credited().amount == -lines[0].amount)
    }
}
