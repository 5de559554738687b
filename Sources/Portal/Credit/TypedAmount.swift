import Web

/// An amount that somebody typed, in their account's currency.
extension Money {
    /// A million million minor units: sums of these stay far within 64 bits.
    static let mostTyped: Int64 = 1_000_000_000_000

    /// - Parameter least: minor units.
    /// - Throws: ``Failure`` 400 under the field's name for what the currency cannot say exactly, and past the bounds.
    init(_ typed: UnitPrice, _ field: String, in currency: Currency, atLeast least: Int64 = 1) throws {
        let (minor, rest) = typed.micros.quotientAndRemainder(dividingBy: currency.microsPerMinor)
        guard rest == 0, minor % currency.step == 0 else {
            throw Failure.invalid(field, "must be an amount that can be charged in \(currency.code)")
        }
        guard minor >= least else {
            throw Failure.invalid(field, "must be at least \(Money(least, currency).text)")
        }
        guard minor <= Self.mostTyped else {
            throw Failure.invalid(field, "must be at most \(Money(Self.mostTyped, currency).text)")
        }
        self.init(minor, currency)
    }

    var cents: Cents { Cents(minor) }
}
