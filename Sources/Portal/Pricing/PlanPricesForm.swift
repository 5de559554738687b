import Web

/// A plan's prices as JSON, for the operator's API and for keeping beside an invoice. Amounts are in the major unit:
///
///     {"currency": "usd", "items": [
///         {"name": "base", "label": "Growth", "model": "flat", "amount": 49},
///         {"name": "calls", "label": "API calls", "meter": "calls", "model": "per_unit",
///          "unit_price": 0.0005, "included": 100000},
///         {"name": "storage", "meter": "storage", "model": "graduated", "minimum": 2.5, "tiers": [
///             {"up_to": 1000, "unit_price": 0.1, "flat": 5}, {"unit_price": 0.05}]},
///         {"name": "mails", "meter": "mails", "model": "package", "package_size": 1000, "package_price": 0.8,
///          "overage": {"after": 50000, "unit_price": 0.002}, "prorates": "fees_and_allowances"}]}
struct PlanPricesForm: StrictForm {
    let currency: Currency
    let items: [Strict<Item>]

    enum CodingKeys: String, CodingKey, CaseIterable { case currency, items }

    struct Item: StrictForm {
        let name: String
        var label: String?
        var meter: String?
        let model: PriceModel.Kind
        var amount: UnitPrice?
        var unitPrice: UnitPrice?
        var packageSize: Int64?
        var packagePrice: UnitPrice?
        var tiers: [Strict<Tier>]?
        var included: Int64?
        var overage: Strict<Overage>?
        var minimum: UnitPrice?
        var prorates: PlanPrices.Proration?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case name, label, meter, model, amount
            case unitPrice = "unit_price"
            case packageSize = "package_size"
            case packagePrice = "package_price"
            case tiers, included, overage, minimum, prorates
        }
    }

    struct Tier: StrictForm {
        let upTo: Int64?
        let unitPrice: UnitPrice
        let flat: UnitPrice?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case upTo = "up_to"
            case unitPrice = "unit_price"
            case flat
        }
    }

    struct Overage: StrictForm {
        let after: Int64
        let unitPrice: UnitPrice

        enum CodingKeys: String, CodingKey, CaseIterable {
            case after
            case unitPrice = "unit_price"
        }
    }
}

extension PriceModel.Kind: Documented {
    static var sample: PriceModel.Kind { .flat }
}

extension PlanPrices.Proration: Documented {
    static var sample: PlanPrices.Proration { .fees }
}
