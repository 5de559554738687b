/// A tax that an operator set by hand.
struct TaxRate: Sendable, Hashable {
    static let perWhole: Int64 = 1_000_000
    /// 1000 %.
    static let highest: Int64 = 10_000_000

    let name: String
    /// 190000 are 19 %.
    let millionths: Int64
    /// Prices contain it already, rather than its coming on top.
    let isInclusive: Bool

    /// What each of these is of a bill's lines that come to so much after discounts, in minor units.
    ///
    /// Each is computed once on the sum, not line by line: the European norm for invoices (EN 16931, rule BR-CO-17)
    /// asks for that, and many small lines would else add up their halves. Taxes on top are of the net, which the
    /// inclusive ones are not part of.
    /// - Throws: ``PricingFault/rateOutOfBounds(_:)``, ``PricingFault/tooLarge``.
    static func amounts(_ rates: [TaxRate], of sum: Money) throws -> [Int64] {
        for rate in rates where !(0...highest).contains(rate.millionths) {
            throw PricingFault.rateOutOfBounds(rate.millionths)
        }
        let step = sum.currency.step
        let inclusive = rates.map { $0.isInclusive ? $0.millionths : 0 }
        let together = try inclusive.reduce(Int64(0)) { try $0.plus($1) }
        let contained = try Rounding.nearest(
            Int128(sum.minor) * Int128(together),
            over: Int128(perWhole) + Int128(together),
            step: step
        )
        let net = sum.minor - contained
        let shares = try LargestRemainder.parts(of: contained, by: inclusive, step: step)
        return try zip(rates, shares).map { rate, share in
            guard !rate.isInclusive else { return share }
            return try Rounding.nearest(Int128(net) * Int128(rate.millionths), over: Int128(perWhole), step: step)
        }
    }
}
