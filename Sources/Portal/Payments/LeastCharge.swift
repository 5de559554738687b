import Web

/// The least that the provider takes at once.
extension Currency {
    /// In minor units, by <https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>, as of 2026. Of the
    /// currencies that the page does not name the least follows from the one that is paid out, at the rate of the day:
    /// for them it is a guess, and the provider has the last word.
    var leastCharge: Cents {
        switch code {
        case "usd", "aud", "brl", "cad", "chf", "eur", "inr", "nzd", "sgd", "jpy": Cents(50)
        case "gbp": Cents(30)
        case "bgn": Cents(1_00)
        case "aed", "myr", "pln", "ron": Cents(2_00)
        case "dkk": Cents(2_50)
        case "nok", "sek": Cents(3_00)
        case "hkd": Cents(4_00)
        case "mxn", "thb": Cents(10_00)
        case "czk": Cents(15_00)
        case "huf": Cents(175_00)
        default: Cents(minorDigits > 2 ? 500 : 50)
        }
    }
}

/// An amount that no payment could be of.
struct TooSmall {
    let amount: Money

    /// Nil for what can be charged, and for nothing.
    init?(_ amount: Money) {
        guard amount.minor > 0, Cents(amount.minor) < amount.currency.leastCharge else { return nil }
        self.amount = amount
    }

    /// 400 for an amount that somebody chose.
    var choice: Failure { failure(400, "") }
    /// 409 for one that is owed.
    var debt: Failure { failure(409, ". It stays owed, and the next payment takes it along") }

    private func failure(_ status: Int, _ consequence: String) -> Failure {
        let code = amount.currency.code.uppercased()
        let least = Money(amount.currency.leastCharge.value, amount.currency)
        return Failure(
            status,
            "amount_too_small",
            "\(amount.text) \(code) is less than can be paid at once, \(least.text)\(consequence)"
        ).adding(.init("amount", .decimal(amount.text)), .init("minimum", .decimal(least.text)))
    }
}
