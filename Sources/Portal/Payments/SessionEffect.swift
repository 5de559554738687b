import Storage
import Web

/// A Checkout Session as it is now: paid, ended, or still open.
struct SessionEffect {
    let id: String
    let session: JSONValue
    /// A debit that bounced shows in the session as one that is still on its way: only the event tells.
    let hasFailed: Bool

    /// Nil for what is no session.
    init?(_ session: JSONValue, type: String) {
        guard let id = session["id"]?.string else { return nil }
        (self.id, self.session) = (id, session)
        hasFailed = type == "checkout.session.async_payment_failed"
    }

    /// Under which its payment is kept.
    var payment: String { session["payment_intent"]?.string ?? session["payment_intent"]?["id"]?.string ?? id }

    /// A completed session may still be unpaid, with methods that take days.
    func apply(at now: Timestamp, _ db: borrowing Database) throws -> StripeEvents.Outcome {
        if try Checkouts.paid(session, at: now, db) { return .applied }
        guard session["payment_status"]?.string == "unpaid" else { return .ignored("it brings nothing to an account") }
        if session["status"]?.string == "expired" { return try end(as: "expired", db) }
        return hasFailed ? try end(as: "failed", db) : .ignored("it is not paid yet")
    }

    private func end(as status: String, _ db: borrowing Database) throws -> StripeEvents.Outcome {
        try Checkouts.setEnded(id, as: status, db) ? .applied : .ignored("it had ended before, or is none of ours")
    }
}
