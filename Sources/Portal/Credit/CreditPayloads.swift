import Web

struct CreditPayload: Codable, Sendable {
    let grantID: Int64
    let name: String
    /// What was granted; of one that has expired, what was left of it.
    let amount: Amount
    let currency: String

    enum CodingKeys: String, CodingKey {
        case name, amount, currency
        case grantID = "grant_id"
    }
}

struct LowCreditPayload: Codable, Sendable {
    let credit: Amount
    /// Below which the account asked to be told.
    let alertBelow: Amount
    let currency: String

    enum CodingKeys: String, CodingKey {
        case credit, currency
        case alertBelow = "alert_below"
    }
}

extension CreditGrants.Grant {
    var money: Currency { Currency(currency) ?? .usd }

    var payload: CreditPayload {
        CreditPayload(grantID: id, name: name, amount: Amount(remaining, money), currency: currency)
    }
}

extension WebhookEvent where Payload == CreditPayload {
    static var creditGranted: Self { .init("credit.granted", "Credit was given, or is left over of a payment.") }
    static var creditExpired: Self { .init("credit.expired", "Credit has expired before it was spent.") }
}

extension WebhookEvent where Payload == LowCreditPayload {
    static var creditLow: Self {
        .init("credit.low", "The credit has fallen below what the account asked to be told of.")
    }
}
