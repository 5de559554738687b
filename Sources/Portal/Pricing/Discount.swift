/// What is taken off a bill, before tax.
struct Discount: Sendable, Hashable {
    enum Reduction: Sendable, Hashable {
        /// Of what is left by the discounts before it: 2500 are 25 %.
        case percent(basisPoints: Int64)
        /// At most what is left, in the bill's currency.
        case amount(Money)
    }

    static let wholeBasisPoints: Int64 = 10_000

    let name: String
    let reduction: Reduction

    /// What it takes off so much, in minor units.
    /// - Throws: ``PricingFault`` for a percentage outside 0…100, an amount that is negative, in another currency or
    ///   finer than what can be charged.
    func reduction(of sum: Money) throws -> Int64 {
        let currency = sum.currency
        switch reduction {
        case .percent(let points):
            guard (0...Self.wholeBasisPoints).contains(points) else { throw PricingFault.rateOutOfBounds(points) }
            return try Rounding.nearest(
                Int128(sum.minor) * Int128(points),
                over: Int128(Self.wholeBasisPoints),
                step: currency.step
            )
        case .amount(let money):
            guard money.currency == currency else { throw PricingFault.otherCurrency(money.currency.code) }
            guard money.minor >= 0, money.minor % currency.step == 0 else {
                throw PricingFault.unchargeable(money.minor, currency.code)
            }
            return min(money.minor, sum.minor)
        }
    }
}
