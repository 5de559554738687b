import Testing

@testable import Portal

@Suite("What a plan includes of credits")
struct CreditAllowanceTests {
    private static func plan(_ model: PriceModel, included: Int64 = 0, overage: PlanPrices.Overage? = nil) throws
        -> PlanPrices
    {
        let item = PlanPrices.Item(
            name: "credits",
            meter: "credits",
            model: model,
            included: included,
            overage: overage
        )
        let fee = PlanPrices.Item(name: "base", model: .flat(UnitPrice(micros: 49_000_000)))
        return try PlanPrices(currency: .usd, items: [fee, item])
    }

    @Test("is 500 with 2.00 for a thousand more: 585 are 85 over, for 0.17")
    func contract() throws {
        let prices = try Self.plan(.perUnit(UnitPrice(micros: 2_000)), included: 500)
        let over = try CreditAllowance(used: 585, under: prices)
        #expect((over.included, over.remaining, over.overage) == (500, 0, 85))
        #expect(over.overageCost == Money(17, .usd))
        #expect(over.pricePer1000.text == "2")
        let within = try CreditAllowance(used: 120, under: prices)
        #expect((within.remaining, within.overage, within.overageCost.minor) == (380, 0, 0))
    }

    @Test("is what the fee covers, where there is one")
    func flat() throws {
        let overage = PlanPrices.Overage(after: 700, unitPrice: UnitPrice(micros: 10_000))
        let prices = try Self.plan(.flat(UnitPrice(micros: 1_000_000)), overage: overage)
        let over = try CreditAllowance(used: 710, under: prices)
        #expect((over.included, over.overage, over.overageCost.minor) == (700, 10, 10))
        #expect(over.pricePer1000.text == "10")
    }

    @Test("is nothing, and nothing is over it, where the plan does not price them")
    func none() throws {
        for prices in [nil, PlanPrices(free: .usd)] {
            let allowance = try CreditAllowance(used: 585, under: prices)
            #expect((allowance.included, allowance.remaining, allowance.overage) == (0, 0, 0))
            #expect(allowance.overageCost.minor == 0)
        }
    }
}
