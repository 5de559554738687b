/// The one rounding rule: an amount is exact until it stands on a line, and is there rounded once to what its currency
/// can charge, halves away from zero. So do the provider's decimal prices
/// (<https://docs.stripe.com/billing/subscriptions/decimal-amounts>) and so do people with a pencil; a total is the sum
/// of its lines and is never rounded itself.
enum Rounding {
    /// Quantity × price × part of the period, in minor units.
    /// - Throws: ``PricingFault/tooLarge``.
    static func amount(
        _ quantity: Int64,
        at price: UnitPrice,
        for part: PeriodPart,
        in currency: Currency
    ) throws -> Int64 {
        let exact = Int128(quantity) * Int128(price.micros)
        // Past 128 bits here, it is past 64 bits below.
        let (scaled, overflows) = exact.multipliedReportingOverflow(by: Int128(part.seconds))
        guard !overflows else { throw PricingFault.tooLarge }
        return try nearest(scaled, over: Int128(part.length) * Int128(currency.microsPerMinor), step: currency.step)
    }

    /// The multiple of `step` that is nearest to the fraction.
    /// - Parameter denominator: positive, as is `step`; their product is far below 128 bits.
    /// - Throws: ``PricingFault/tooLarge``.
    static func nearest(_ numerator: Int128, over denominator: Int128, step: Int64) throws -> Int64 {
        let size = (denominator * Int128(step)).magnitude
        let (whole, rest) = numerator.magnitude.quotientAndRemainder(dividingBy: size)
        let rounded = rest >= size - rest ? whole + 1 : whole
        guard let steps = Int64(exactly: rounded) else { throw PricingFault.tooLarge }
        return try (numerator < 0 ? -steps : steps).times(step)
    }
}
