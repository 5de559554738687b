/// How a quantity becomes a price. The names are the field's
/// (<https://docs.stripe.com/products-prices/pricing-models>).
///
/// The quantity is what remains of a meter's usage within the plan after the free allowance
/// (``PlanPrices/Item/included``) and before the overage.
enum PriceModel: Sendable, Hashable {
    /// So much for the period, whatever was used.
    case flat(UnitPrice)
    case perUnit(UnitPrice)
    /// Each unit at the price of the tier that it falls into, and the flat part of every tier that was reached.
    case graduated([Tier])
    /// All units at the price of the tier that the last one falls into, and the flat part of that tier.
    case volume([Tier])
    /// So much for every package begun.
    case package(size: Int64, price: UnitPrice)

    struct Tier: Sendable, Hashable {
        /// The last unit of this tier, counted from the first that is not included; nil for the last tier, which is
        /// open.
        let upTo: Int64?
        let unitPrice: UnitPrice
        /// Charged once when a unit falls into this tier. For what is due with no usage at all there is ``flat(_:)``.
        let flat: UnitPrice

        init(upTo: Int64?, unitPrice: UnitPrice, flat: UnitPrice = .zero) {
            (self.upTo, self.unitPrice, self.flat) = (upTo, unitPrice, flat)
        }
    }

    enum Kind: String, Sendable, Codable, CaseIterable {
        case flat
        case perUnit = "per_unit"
        case graduated
        case volume
        case package
    }

    var kind: Kind {
        switch self {
        case .flat: .flat
        case .perUnit: .perUnit
        case .graduated: .graduated
        case .volume: .volume
        case .package: .package
        }
    }

    /// None for models without.
    var tiers: [Tier] {
        switch self {
        case .graduated(let tiers), .volume(let tiers): tiers
        case .flat, .perUnit, .package: []
        }
    }
}
