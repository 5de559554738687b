/// Priced lines with discounts and taxes spread over them, so that in every column the lines add up to the total in
/// minor units.
struct Bill: Sendable, Hashable {
    struct Line: Sendable, Hashable {
        let priced: PricedLine
        fileprivate(set) var discount: Int64 = 0
        /// Part of the price.
        fileprivate(set) var taxIncluded: Int64 = 0
        /// On top of it.
        fileprivate(set) var taxAdded: Int64 = 0

        var amount: Int64 { priced.amount }
        var tax: Int64 { taxIncluded + taxAdded }
        var net: Int64 { discounted - taxIncluded }
        /// What the line adds to the bill's total.
        var total: Int64 { discounted + taxAdded }
        fileprivate var discounted: Int64 { priced.amount - discount }

        /// That the sums above fit: a credit lets single lines be far larger than the bill.
        fileprivate func check() throws {
            _ = try discounted.plus(taxAdded)
            _ = try discounted.minus(taxIncluded)
            _ = try taxIncluded.plus(taxAdded)
        }
    }

    struct Reduction: Sendable, Hashable {
        let discount: Discount
        let amount: Int64
    }

    struct Tax: Sendable, Hashable {
        let rate: TaxRate
        let amount: Int64
    }

    let currency: Currency
    private(set) var lines: [Line]
    private(set) var reductions: [Reduction] = []
    private(set) var taxes: [Tax] = []
    /// Of the lines' amounts.
    let subtotal: Money
    /// Without any tax.
    private(set) var net: Money
    /// What is to be paid.
    private(set) var total: Money

    /// - Parameters:
    ///   - lines: of one or more plans, credits among them, all in the bill's currency.
    ///   - discounts: in this order, each of what the one before it left.
    ///   - taxes: all on the whole of the bill.
    /// - Throws: ``PricingFault``.
    init(
        _ lines: [PricedLine],
        in currency: Currency,
        less discounts: [Discount] = [],
        plus taxes: [TaxRate] = []
    ) throws {
        if let other = lines.first(where: { $0.currency != currency }) {
            throw PricingFault.otherCurrency(other.currency.code)
        }
        self.currency = currency
        self.lines = lines.map { Line(priced: $0) }
        subtotal = Money(try Self.sum(lines.map(\.amount)), currency)
        guard subtotal.minor >= 0 else { throw PricingFault.negativeBill(subtotal.minor) }
        (net, total) = (subtotal, subtotal)
        for discount in discounts { try take(discount) }
        try add(taxes)
        try self.lines.forEach { try $0.check() }
    }

    private mutating func take(_ discount: Discount) throws {
        let amount = try discount.reduction(of: total)
        try spread(amount, \.discount)
        reductions.append(Reduction(discount: discount, amount: amount))
        total = try total.subtracting(Money(amount, currency))
        net = total
    }

    private mutating func add(_ rates: [TaxRate]) throws {
        let discounted = total
        // What the taxes are spread by stays the same for all of them.
        let weights = lines.map(\.discounted)
        for (rate, amount) in zip(rates, try TaxRate.amounts(rates, of: discounted)) {
            try spread(amount, rate.isInclusive ? \.taxIncluded : \.taxAdded, by: weights)
            taxes.append(Tax(rate: rate, amount: amount))
            let money = Money(amount, currency)
            if rate.isInclusive { net = try net.subtracting(money) } else { total = try total.adding(money) }
        }
    }

    private mutating func spread(
        _ amount: Int64,
        _ column: WritableKeyPath<Line, Int64>,
        by weights: [Int64]? = nil
    ) throws {
        let parts = try LargestRemainder.parts(
            of: amount,
            by: weights ?? lines.map(\.discounted),
            step: currency.step
        )
        for (index, part) in parts.enumerated() {
            lines[index][keyPath: column] = try lines[index][keyPath: column].plus(part)
        }
    }

    private static func sum(_ amounts: [Int64]) throws -> Int64 {
        // Credits among charges: only the sum has to fit.
        let sum = amounts.reduce(Int128(0)) { $0 + Int128($1) }
        guard let sum = Int64(exactly: sum) else { throw PricingFault.tooLarge }
        return sum
    }
}
