import Web

/// What a plan asks for: priced items in one currency. There is no such value with a mistake in it.
struct PlanPrices: Sendable, Hashable {
    /// One price of a plan: a fee, or what the usage of one meter costs.
    struct Item: Sendable, Hashable {
        /// Names the item within its plan, as on invoice lines: letters in lower case, digits and `_.:-`.
        let name: String
        /// What people read on the invoice.
        let label: String
        /// Whose usage it prices: any name that the caller reports usage under. Nil for a flat fee alone.
        let meter: String?
        let model: PriceModel
        /// The first units of a period, which cost nothing.
        let included: Int64
        /// What each unit past the plan's costs, instead of the model's price.
        let overage: Overage?
        /// The least that the item comes to in a period, with or without usage.
        let minimum: UnitPrice
        let prorates: Proration

        init(
            name: String,
            label: String? = nil,
            meter: String? = nil,
            model: PriceModel,
            included: Int64 = 0,
            overage: Overage? = nil,
            minimum: UnitPrice = .zero,
            prorates: Proration = .fees
        ) {
            (self.name, self.label, self.meter, self.model) = (name, label ?? name, meter, model)
            (self.included, self.overage, self.minimum) = (included, overage, minimum)
            self.prorates = prorates
        }
    }

    struct Overage: Sendable, Hashable {
        /// The last unit of the period that the model prices; a flat fee covers that many.
        let after: Int64
        let unitPrice: UnitPrice
    }

    /// What a part of a period gets a part of. Usage was used and is priced in full, and tiers and packages keep their
    /// sizes.
    enum Proration: String, Sendable, Codable, CaseIterable {
        /// For what is due once, and for allowances that belong to the calendar month.
        case nothing
        /// Flat fees, flat parts of tiers and the minimum.
        case fees
        /// The same, and the units of the allowance and before the overage.
        case feesAndAllowances = "fees_and_allowances"
    }

    static let mostItems = 100
    static let mostTiers = 100

    let currency: Currency
    let items: [Item]

    /// - Throws: ``Failure`` (400) with every mistake under the name of its field, such as `items[0].tiers[1].up_to`.
    init(currency: Currency, items: [Item]) throws {
        try PlanPricesCheck.failure(PlanPricesCheck.faults(in: items))
        (self.currency, self.items) = (currency, items)
    }

    /// A plan that asks for nothing.
    init(free currency: Currency) {
        (self.currency, items) = (currency, [])
    }
}
