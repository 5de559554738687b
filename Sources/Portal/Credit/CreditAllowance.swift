/// How the uses of a month stand against what a plan includes of the meter `credits`, priced by ``Pricing``.
struct CreditAllowance: Sendable, Equatable {
    let used: Int64
    var included: Int64 = 0
    /// Beyond what is included, and what that costs.
    var overage: Int64 = 0
    var overageCost = Money(0, .usd)
    /// What a thousand units beyond it cost.
    var pricePer1000 = UnitPrice.zero

    var remaining: Int64 { max(0, included - used) }

    /// A plan that does not price credits includes none, and nothing is beyond it.
    /// - Throws: ``PricingFault``.
    init(used: Int64, under prices: PlanPrices?) throws {
        self.used = used
        guard let prices, let item = prices.items.first(where: { $0.meter == Meter.creditsName }) else { return }
        included = item.model.kind == .flat ? item.overage?.after ?? used : item.included
        overage = max(0, used - included)
        pricePer1000 = try Self.pricePer1000(of: item)
        let lines = try Pricing.lines(
            of: [Meter.creditsName: used],
            under: try PlanPrices(currency: prices.currency, items: [item])
        )
        let beyond: Set<PricedLine.Kind> = [.units, .tier, .packages, .overage]
        let cost = try lines.reduce(Int64(0)) { sum, line in
            beyond.contains(line.kind) ? try sum.plus(line.amount) : sum
        }
        overageCost = Money(cost, prices.currency)
    }

    private static func pricePer1000(of item: PlanPrices.Item) throws -> UnitPrice {
        if let overage = item.overage { return UnitPrice(micros: try overage.unitPrice.micros.times(1000)) }
        switch item.model {
        case .flat: return .zero
        case .perUnit(let price): return UnitPrice(micros: try price.micros.times(1000))
        case .package(let size, let price): return UnitPrice(micros: try price.micros.times(1000) / size)
        case .graduated(let tiers), .volume(let tiers):
            return UnitPrice(micros: try (tiers.first?.unitPrice.micros ?? 0).times(1000))
        }
    }
}
