/// An amount of money in the minor units of its currency: what is charged, as opposed to what a unit costs.
struct Money: Sendable, Hashable {
    /// Cents of `usd`, yen of `jpy`, fils of `kwd`.
    let minor: Int64
    let currency: Currency

    init(_ minor: Int64, _ currency: Currency) {
        (self.minor, self.currency) = (minor, currency)
    }

    /// - Throws: ``PricingFault/otherCurrency(_:)``, ``PricingFault/tooLarge``.
    func adding(_ other: Money) throws -> Money {
        guard other.currency == currency else { throw PricingFault.otherCurrency(other.currency.code) }
        return Money(try minor.plus(other.minor), currency)
    }

    /// - Throws: as ``adding(_:)``.
    func subtracting(_ other: Money) throws -> Money {
        guard other.currency == currency else { throw PricingFault.otherCurrency(other.currency.code) }
        return Money(try minor.minus(other.minor), currency)
    }

    /// `12.34`, `-0.500`, `500`: with as many decimals as the currency has.
    var text: String {
        let digits = currency.minorDigits
        let magnitude = padded(minor.magnitude, to: digits + 1)
        let sign = minor < 0 ? "-" : ""
        return digits == 0 ? sign + magnitude : "\(sign)\(magnitude.dropLast(digits)).\(magnitude.suffix(digits))"
    }

    /// As the provider's API takes it: 5 ISK are 500.
    /// - Throws: ``PricingFault/unchargeable(_:_:)`` for fils that do not end in 0, ``PricingFault/tooLarge``.
    func providerAmount() throws -> Int64 {
        guard minor % currency.step == 0 else { throw PricingFault.unchargeable(minor, currency.code) }
        return try minor.times(currency.providerFactor)
    }

    /// From an amount of the provider's API.
    /// - Throws: ``PricingFault/unchargeable(_:_:)`` for hundredths of a króna, of which there are none.
    init(providerAmount: Int64, _ currency: Currency) throws {
        guard providerAmount % currency.providerFactor == 0 else {
            throw PricingFault.unchargeable(providerAmount, currency.code)
        }
        self.init(providerAmount / currency.providerFactor, currency)
    }
}

extension Int64 {
    /// - Throws: ``PricingFault/tooLarge`` instead of ending the process, as do the next two.
    func plus(_ other: Int64) throws -> Int64 {
        let (sum, overflows) = addingReportingOverflow(other)
        guard !overflows else { throw PricingFault.tooLarge }
        return sum
    }

    func minus(_ other: Int64) throws -> Int64 {
        let (difference, overflows) = subtractingReportingOverflow(other)
        guard !overflows else { throw PricingFault.tooLarge }
        return difference
    }

    func times(_ other: Int64) throws -> Int64 {
        let (product, overflows) = multipliedReportingOverflow(by: other)
        guard !overflows else { throw PricingFault.tooLarge }
        return product
    }
}
