import Testing

@testable import Portal

/// What happens at the end of 64 bits. The amounts were computed elsewhere, with integers that have no end.
@Suite("Pricing at its limits")
struct PricingLimitTests {
    private func amounts(
        of quantity: Int64,
        _ model: PriceModel,
        in code: String = "usd",
        included: Int64 = 0,
        overage: PlanPrices.Overage? = nil
    ) throws -> [Int64] {
        let item = PlanPrices.Item(name: "a", meter: "a", model: model, included: included, overage: overage)
        let plan = try PlanPrices(currency: try #require(Currency(code)), items: [item])
        return try Pricing.lines(of: ["a": quantity], under: plan).map(\.amount)
    }

    @Test(
        "prices 2^63 - 1 units exactly where the amount fits",
        arguments: [
            ("usd", 0, 0), ("usd", 1, 922_337_203_685_478), ("usd", 9999, 9_222_449_699_651_090_329),
            ("usd", 10_000, .max), ("jpy", 1, 9_223_372_036_855), ("jpy", 1_000_000, .max),
            ("kwd", 1, 9_223_372_036_854_780), ("kwd", 999, 9_214_148_664_817_921_030),
        ] as [(String, Int64, Int64)]
    )
    func mostUnits(code: String, micros: Int64, minor: Int64) throws {
        #expect(try amounts(of: .max, .perUnit(UnitPrice(micros: micros)), in: code) == [minor])
    }

    @Test(
        "refuses what does not fit, rather than end the process",
        arguments: [
            ("usd", 10_001), ("usd", .max), ("jpy", 1_000_001), ("jpy", .max), ("kwd", 1000), ("kwd", .max),
        ] as [(String, Int64)]
    )
    func tooMuch(code: String, micros: Int64) throws {
        #expect(throws: PricingFault.tooLarge) {
            try amounts(of: .max, .perUnit(UnitPrice(micros: micros)), in: code)
        }
    }

    @Test("prorates the highest fee over the longest period")
    func longestPeriod() throws {
        let item = PlanPrices.Item(name: "a", model: .flat(UnitPrice(micros: .max)))
        let plan = try PlanPrices(currency: .usd, items: [item])
        let part = try PeriodPart(seconds: 7_777_777_777, of: PeriodPart.longest)
        #expect(try Pricing.lines(of: [:], under: plan, for: part).map(\.amount) == [717_373_380_572_523])
    }

    @Test("refuses lines that fit one by one and not together")
    func sums() throws {
        let items = ["a", "b"].map {
            PlanPrices.Item(name: $0, meter: "a", model: .perUnit(UnitPrice(micros: 10_000)))
        }
        let lines = try Pricing.lines(of: ["a": .max], under: try PlanPrices(currency: .usd, items: items))
        #expect(lines.map(\.amount) == [.max, .max])
        #expect(throws: PricingFault.tooLarge) { try Bill(lines, in: .usd) }
    }

    @Test("counts units, packages and tiers up to the last")
    func lastUnit() throws {
        let cent = UnitPrice(micros: 10_000)
        let tiers = [PriceModel.Tier(upTo: .max - 1, unitPrice: .zero), PriceModel.Tier(upTo: nil, unitPrice: cent)]
        #expect(try amounts(of: .max, .graduated(tiers)) == [0, 1])
        #expect(try amounts(of: .max, .volume(tiers)) == [.max])
        #expect(try amounts(of: .max - 1, .volume(tiers)) == [0])
        #expect(try amounts(of: .max, .graduated(tiers), included: 5) == [0, 0])
        #expect(try amounts(of: .max, .package(size: 1000, price: cent)) == [9_223_372_036_854_776])
        #expect(try amounts(of: .max, .package(size: .max, price: cent)) == [1])
        #expect(try amounts(of: .max, .perUnit(cent), included: .max) == [0])
        let overage = PlanPrices.Overage(after: .max - 1, unitPrice: cent)
        #expect(try amounts(of: .max, .perUnit(.zero), overage: overage) == [0, 1])
    }
}
