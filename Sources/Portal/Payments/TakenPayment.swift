import Storage
import Web

/// A payment of a customer of ours that nothing here began: an operator took it in the provider's dashboard, say, or an
/// invoice made out there was paid. It is money of the account all the same.
struct TakenPayment {
    private let id: String
    private let customer: String
    private let amount: Int64
    private let currency: String
    private let intent: JSONValue

    /// Nil for an intent by which no money came, or nobody's.
    init?(_ intent: JSONValue) {
        guard intent["status"]?.string == "succeeded", let id = intent["id"]?.string,
            let customer = intent["customer"]?.string, let amount = intent["amount_received"]?.integer, amount > 0,
            let currency = intent["currency"]?.string
        else { return nil }
        (self.id, self.customer, self.amount, self.currency) = (id, customer, amount, currency)
        self.intent = intent
    }

    /// Books it, once: onto open invoices, the oldest first, then as credit.
    /// - Parameter isLive: the mode that it must be of; nil: whichever.
    func book(
        in isLive: Bool?,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> StripeEvents.Outcome {
        guard let accountID = try Accounts.find(stripeCustomer: customer, db) else {
            return .ignored("it is of no customer of ours")
        }
        if let isLive, let mode = intent["livemode"], mode != .bool(isLive) {
            return .ignored("it is of the other mode, live or test")
        }
        guard let currency = Currency(currency), try Accounts.currency(of: accountID, db) == currency else {
            return .ignored("it is in another currency than the account's")
        }
        let charge = intent["latest_charge"]
        let money = try Money(providerAmount: amount, currency)
        let isNew = try Payments.receive(
            Cents(money.minor),
            currency,
            from: accountID,
            providerID: id,
            chargeID: charge?.string ?? charge?["id"]?.string,
            description: "Taken at the provider",
            at: now,
            db
        )
        guard isNew else { return .applied }
        try Audit.record(
            .paymentTaken,
            byItself: "stripe",
            account: accountID,
            target: "payment:\(id)",
            detail: [.init("amount", .string(money.text)), .init("currency", .string(currency.code))],
            at: now,
            db
        )
        return .applied
    }
}
