import Storage
import Web

/// A Checkout Session as it is now: paid, ended, or still open.
struct SessionEffect {
    let id: String
    let session: JSONValue
    /// A debit that bounced shows in the session as one that is still on its way: only the event tells.
    let hasFailed: Bool

    /// Nil for what is no session that takes money.
    init?(_ session: JSONValue, type: String) {
        guard let id = session["id"]?.string, session["mode"]?.string == "payment" else { return nil }
        (self.id, self.session) = (id, session)
        hasFailed = type == "checkout.session.async_payment_failed"
    }

    /// Under which its payment is kept.
    var payment: String { session["payment_intent"]?.string ?? session["payment_intent"]?["id"]?.string ?? id }

    /// A completed session may still be unpaid, with methods that take days: its payment then says how it went on.
    func apply(at now: Timestamp, _ db: borrowing Database) throws -> StripeEffects.Outcome {
        switch (session["status"]?.string, session["payment_status"]?.string) {
        case (_, "paid"?): try applyPaid(at: now, db)
        case ("expired"?, _): try end(as: "expired", db)
        default: hasFailed ? try end(as: "failed", db) : .ignored("it is not paid")
        }
    }

    private func applyPaid(at now: Timestamp, _ db: borrowing Database) throws -> StripeEffects.Outcome {
        guard let told = session["amount_total"]?.integer, told > 0,
            let currency = session["currency"]?.string.flatMap({ Currency($0) })
        else { return .ignored("it names no amount that can be booked") }
        guard let accountID = try account(db) else { return .ignored("it is of no account here") }
        guard try Accounts.currency(of: accountID, db) == currency else {
            return .ignored("its currency is not the account's")
        }
        try Payments.receive(
            Cents(try Money(providerAmount: told, currency).minor),
            currency,
            from: accountID,
            providerID: payment,
            at: now,
            db
        )
        try Checkouts.setPaid(id, at: now, db)
        return .applied
    }

    /// The account that opened the page, or, where we failed to note that down, the one whose customer paid.
    private func account(_ db: borrowing Database) throws -> Int64? {
        if let accountID = try Checkouts.account(of: id, db) { return accountID }
        guard let customer = session["customer"]?.string else { return nil }
        return try Accounts.find(stripeCustomer: customer, db)
    }

    /// Ended without money.
    func end(as status: String, _ db: borrowing Database) throws -> StripeEffects.Outcome {
        try Checkouts.setEnded(id, as: status, db) ? .applied : .ignored("it had ended before, or is none of ours")
    }
}
