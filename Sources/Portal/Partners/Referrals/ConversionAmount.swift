import Web

/// What somebody paid by a conversion, or of it got back: in the account's currency, in its major unit.
struct ConversionAmount: Codable, Sendable, Documented {
    let dollars: Dollars

    static var schema: Schema { .number(description: "In the currency's major unit, not negative.") }
    static var sample: ConversionAmount { ConversionAmount(Dollars(micros: 0)) }

    init(_ dollars: Dollars) {
        self.dollars = dollars
    }

    init(from decoder: any Decoder) throws {
        dollars = try Dollars(from: decoder)
        guard dollars.micros >= 0, dollars.cents <= RewardAmount.most else {
            throw ValueFault("must be from 0 to \(RewardAmount.most.dollars.text)")
        }
    }

    func encode(to encoder: any Encoder) throws {
        try dollars.encode(to: encoder)
    }

    /// In minor units, rounded once, halves away from zero.
    /// - Throws: ``Failure`` 400 for what is too much in the currency's minor units.
    func minor(_ currency: Currency) throws -> Cents {
        let minor = try? Rounding.nearest(Int128(dollars.micros), over: Int128(currency.microsPerMinor), step: 1)
        guard let minor, minor <= RewardAmount.most.value else { throw Failure.invalid("amount", "is too much") }
        return Cents(minor)
    }
}
