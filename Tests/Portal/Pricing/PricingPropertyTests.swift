import Testing

@testable import Portal

/// A million random cases. In eight shares, which run side by side, and with at most two dozen units to walk over, they
/// take about fifteen seconds of processor time in a debug build.
@Suite("Pricing, at random")
struct PricingPropertyTests {
    static let cases = 1_000_000
    static let shares = 8
    /// A plan is priced for so many quantities in a row, around all its edges.
    static let quantitiesPerPlan = 25
    static let currencies = ["usd", "jpy", "kwd", "isk"].compactMap { Currency($0) }
    static let seed = SeededDice(for: "pricing").seed

    @Test("agrees with walking over the units one at a time", arguments: 0..<shares)
    func agrees(share: Int) throws {
        var random = SeededNumbers(seed: Self.seed &+ UInt64(share))
        for number in 0..<Self.cases / Self.shares / Self.quantitiesPerPlan {
            let item = RandomPlans.item(&random)
            let currency = Self.currencies[number % Self.currencies.count]
            let plan = try PlanPrices(currency: currency, items: [item])
            let (seconds, length) = RandomPlans.part(&random)
            let part = try PeriodPart(seconds: Int64(seconds), of: Int64(length))
            let brute = BruteForcePricing(item: item, currency: currency, part: Ratio(seconds, length))
            for used in 0..<Self.quantitiesPerPlan {
                let usage = item.meter.map { [$0: Int64(used)] } ?? [:]
                let lines = try Pricing.lines(of: usage, under: plan, for: part)
                let expected = brute.price(item.meter == nil ? 0 : used)
                let isSame = lines.elementsEqual(expected) { line, expected in
                    line.kind == expected.kind && line.quantity == expected.quantity && line.amount == expected.amount
                }
                if !isSame || !hold(lines, used: used, item: item, currency) {
                    Issue.record("seed \(Self.seed): \(used) of \(item), \(seconds)/\(length): \(lines), \(expected)")
                    return
                }
            }
        }
    }

    /// What is true of any lines, whatever the model.
    private func hold(_ lines: [PricedLine], used: Int, item: PlanPrices.Item, _ currency: Currency) -> Bool {
        var next: Int64 = 1
        for line in lines {
            guard line.amount >= 0, line.amount % currency.step == 0, line.currency == currency else { return false }
            guard line.kind != .fee, line.kind != .minimum, line.kind != .tier else { continue }
            // The units of the lines are those of the usage, in order, none twice.
            guard let units = line.units, units.lowerBound == next else { return false }
            next = units.upperBound + 1
        }
        return item.meter == nil || next == used + 1
    }

    @Test("gives one price to what four models say in their own words")
    func sameByOtherModels() throws {
        var random = SeededNumbers(seed: Self.seed)
        for _ in 0..<2000 {
            let price = UnitPrice(micros: .random(in: 0...2_000_000_000, using: &random))
            let quantity = Int64.random(in: 0 ... .max, using: &random) >> Int64.random(in: 0..<63, using: &random)
            let tiers = [PriceModel.Tier(upTo: nil, unitPrice: price)]
            let models: [PriceModel] = [
                .perUnit(price), .graduated(tiers), .volume(tiers), .package(size: 1, price: price),
            ]
            let currency = try #require(Self.currencies.randomElement(using: &random))
            let amounts = try models.map { model in
                let item = PlanPrices.Item(name: "item", meter: "calls", model: model)
                let plan = try PlanPrices(currency: currency, items: [item])
                return try? Pricing.lines(of: ["calls": quantity], under: plan).map(\.amount)
            }
            #expect(Set(amounts).count == 1, "seed \(Self.seed)")
            // 64 bits end where they end: computed with 128 here, by the remainder's own sign.
            let exact = UInt128(quantity) * UInt128(price.micros)
            let size = UInt128([0: 1_000_000, 2: 10_000, 3: 10_000][currency.minorDigits] ?? 1)
            let steps = (exact + size / 2) / size * UInt128(currency.step)
            #expect(amounts[0].map { $0.reduce(0, +) } == Int64(exactly: steps), "seed \(Self.seed)")
        }
    }
}
