/// One line of what a period costs: quantity × price × part of the period, rounded once (``Rounding``).
///
/// Among the lines of an item, each unit that was used stands in exactly one of the kinds ``Kind/included``,
/// ``Kind/units``, ``Kind/packages`` and ``Kind/overage``.
struct PricedLine: Sendable, Hashable {
    enum Kind: String, Sendable, Codable, CaseIterable {
        /// A flat fee.
        case fee
        /// Units of the allowance, or that the flat fee covers, at no price.
        case included
        /// Units at a unit price: all of them, or those of one tier.
        case units
        /// The flat part of a tier that was reached.
        case tier
        case packages
        case overage
        /// What the item's other lines fall short of its minimum.
        case minimum
    }

    /// The name of the plan's item.
    let item: String
    let label: String
    let kind: Kind
    /// How many of what the price is for: units, packages, or 1. Negative on a credit.
    let quantity: Int64
    let unitPrice: UnitPrice
    let part: PeriodPart
    /// Which units of the period's usage these are, counted from 1; nil on fees.
    let units: ClosedRange<Int64>?
    /// In minor units; a multiple of the currency's step.
    let amount: Int64
    let currency: Currency

    /// In English, for the invoice: `API calls, units 1001 to 10000`.
    var description: String {
        let span = units.map { $0.lowerBound == $0.upperBound ? "unit \($0.lowerBound)" : "units \(Self.words($0))" }
        let what: [String?] =
            switch kind {
            case .fee: []
            case .included: [span, "included"]
            case .units: [span]
            case .tier: ["flat part", span.map { "of \($0)" }]
            case .packages: [span, "in packages"]
            case .overage: [span, "over the plan"]
            case .minimum: ["up to the minimum"]
            }
        let words = what.compactMap { $0 }.joined(separator: " ")
        let parts = [label, words, part.isWhole ? "" : "\(part.percentage) of the period"]
        return (quantity < 0 ? "Credit: " : "") + parts.filter { !$0.isEmpty }.joined(separator: ", ")
    }

    private static func words(_ units: ClosedRange<Int64>) -> String {
        "\(units.lowerBound) to \(units.upperBound)"
    }

    /// The same taken back, for unused time and for credit notes.
    /// - Throws: ``PricingFault/tooLarge``.
    func credited() throws -> PricedLine {
        PricedLine(
            item: item,
            label: label,
            kind: kind,
            quantity: try Int64(0).minus(quantity),
            unitPrice: unitPrice,
            part: part,
            units: units,
            amount: try Int64(0).minus(amount),
            currency: currency
        )
    }
}
