/// Why something has no price. None of these is rounded, cut off or guessed away.
enum PricingFault: Error, Hashable {
    /// A sum or a product is past 64 bits of minor units.
    case tooLarge
    /// Usage below zero, of that meter.
    case negativeUsage(meter: String)
    /// There is usage of a meter that no item of the plan prices. A plan that gives it away says so with a price of 0.
    case unpriced(meter: String)
    /// A part of a period that is negative, longer than the period, or of no period at all.
    case noSuchPart(seconds: Int64, of: Int64)
    /// Amounts of two currencies met.
    case otherCurrency(String)
    /// An amount that cannot be charged exactly in its currency.
    case unchargeable(Int64, String)
    /// A discount or tax outside its bounds.
    case rateOutOfBounds(Int64)
    /// The lines of a bill come to less than nothing: that is a credit note.
    case negativeBill(Int64)
}
