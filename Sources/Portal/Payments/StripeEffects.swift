import Storage
import Web

/// What an event changes here. Each effect is posted at most once, and all orders of events end the same.
enum StripeEffects {
    /// A refund came before the payment that it gives back: it waits for it.
    struct PaymentNotReported: Error, CustomStringConvertible {
        let payment: String

        var description: String { "the payment \(payment) has not been reported yet" }
    }

    /// - Returns: false for an event that changes nothing.
    static func apply(_ event: StripeEvents.Event, at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        guard let object = event.object else { return false }
        switch event.type {
        case "checkout.session.completed", "checkout.session.async_payment_succeeded":
            return try applyPaid(object, at: now, db)
        case "checkout.session.expired":
            return try applyEnded(object, as: "expired", db)
        case "checkout.session.async_payment_failed":
            return try applyEnded(object, as: "failed", db)
        case "charge.refunded":
            return try applyRefund(object, at: now, db)
        default:
            return false
        }
    }

    /// A completed session may still be unpaid, with methods that take days.
    private static func applyPaid(_ session: JSONValue, at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        guard session["mode"]?.string == "payment", session["payment_status"]?.string == "paid",
            let id = session["id"]?.string, let amount = session["amount_total"]?.integer,
            session["currency"]?.string == "usd",
            let accountID = try account(of: session, id, db)
        else { return false }
        let payment = session["payment_intent"]?.string ?? id
        try Payments.receive(Cents(amount), from: accountID, providerID: payment, at: now, db)
        try Checkouts.setPaid(id, at: now, db)
        for event in try StripeEvents.waiting("charge.refunded", db) {
            guard let charge = event.object, charge["payment_intent"]?.string == payment else { continue }
            try StripeEvents.setDone(event.id, applied: try applyRefund(charge, at: now, db), db)
        }
        return true
    }

    /// The account that opened the page, or, where we failed to note that down, the one whose customer paid.
    private static func account(of session: JSONValue, _ id: String, _ db: borrowing Database) throws -> Int64? {
        if let accountID = try Checkouts.account(of: id, db) { return accountID }
        guard let customer = session["customer"]?.string else { return nil }
        return try Accounts.find(stripeCustomer: customer, db)
    }

    private static func applyEnded(_ session: JSONValue, as status: String, _ db: borrowing Database) throws -> Bool {
        guard let id = session["id"]?.string else { return false }
        return try Checkouts.setEnded(id, as: status, db)
    }

    private static func applyRefund(_ charge: JSONValue, at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        guard let payment = charge["payment_intent"]?.string, let sum = charge["amount_refunded"]?.integer else {
            return false
        }
        if try Payments.refund(upTo: Cents(sum), of: payment, at: now, db) { return true }
        // A stranger's charge will never have a payment here.
        if let customer = charge["customer"]?.string, try Accounts.find(stripeCustomer: customer, db) == nil {
            return false
        }
        throw PaymentNotReported(payment: payment)
    }
}
