/// The part of a billing period that something is charged for, in whole seconds.
///
/// Where a month ends, and that February has 29 days, is in the caller's two numbers; here they are only divided.
struct PeriodPart: Sendable, Hashable {
    /// Three centuries: the bound that keeps every product below 128 bits.
    static let longest: Int64 = 10_000_000_000
    static let whole = PeriodPart()

    let seconds: Int64
    let length: Int64

    private init() {
        (seconds, length) = (1, 1)
    }

    /// - Throws: ``PricingFault/noSuchPart(seconds:of:)`` unless 0 ≤ seconds ≤ length and 1 ≤ length ≤ ``longest``.
    init(seconds: Int64, of length: Int64) throws {
        guard (1...Self.longest).contains(length), (0...length).contains(seconds) else {
            throw PricingFault.noSuchPart(seconds: seconds, of: length)
        }
        (self.seconds, self.length) = (seconds, length)
    }

    var isWhole: Bool { seconds == length }

    /// That part of an allowance, rounded up: the odd unit is the customer's.
    func share(of units: Int64) -> Int64 {
        guard !isWhole, units > 0 else { return units }
        let (whole, rest) = (Int128(units) * Int128(seconds)).quotientAndRemainder(dividingBy: Int128(length))
        // No more than `units`, as the part is no longer than the period.
        return Int64(truncatingIfNeeded: rest == 0 ? whole : whole + 1)
    }

    /// `41.94 %`, cut off.
    var percentage: String {
        let basisPoints = seconds * 10_000 / length
        return "\(basisPoints / 100).\(padded(basisPoints % 100, to: 2)) %"
    }
}
