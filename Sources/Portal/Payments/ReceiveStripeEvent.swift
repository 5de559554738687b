import Storage
import Web

/// `POST /webhooks/stripe`: an event whose signature was verified on its raw bytes.
///
/// It is stored and its effects are posted in one transaction, and only then answered 200. A repeat is 200 and nothing
/// else; an event whose effects fail is kept, answered 200 and tried again by ourselves.
struct ReceiveStripeEvent: Endpoint {
    struct Answer: JSONOutput {
        let received: Bool
    }

    static func handle(_ input: SignedBody, by caller: Caller, in app: App) async throws -> Answer {
        let event = try StripeEvents.Event(input.bytes)
        let now = app.now()
        do {
            try await app.store.write { db in
                guard try StripeEvents.insert(event, at: now, db) else { return }
                try StripeEvents.setDone(event.id, applied: try StripeEffects.apply(event, at: now, db), db)
            }
        } catch let error as StoreError where error.isTemporary {
            throw error
        } catch {
            app.log.error("an event's effects failed", metadata: ["event": "\(event.id)", "error": "\(error)"])
            try await app.store.write { db in
                guard try StripeEvents.insert(event, at: now, db) else { return }
                try StripeEvents.setFailed(event.id, "\(error)", at: now, db)
            }
        }
        return Answer(received: true)
    }

    /// Tries stored events again whose effects failed.
    static func retryWaiting(in app: App) async throws {
        let now = app.now()
        for raw in try app.store.read({ db in try StripeEvents.due(at: now, db) }) {
            let event = try StripeEvents.Event(raw)
            do {
                try await app.store.write { db in
                    try StripeEvents.setDone(event.id, applied: try StripeEffects.apply(event, at: now, db), db)
                }
            } catch {
                try await app.store.write { db in try StripeEvents.setFailed(event.id, "\(error)", at: now, db) }
            }
        }
    }
}

/// What an event changes here. Each effect is posted at most once and none depends on the order of events.
enum StripeEffects {
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
            guard let payment = object["payment_intent"]?.string, let sum = object["amount_refunded"]?.integer else {
                return false
            }
            try Payments.refund(upTo: Cents(sum), of: payment, at: now, db)
            return true
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
        try Payments.receive(
            Cents(amount),
            from: accountID,
            providerID: session["payment_intent"]?.string ?? id,
            at: now,
            db
        )
        try Checkouts.setPaid(id, at: now, db)
        return true
    }

    private static func account(of session: JSONValue, _ id: String, _ db: borrowing Database) throws -> Int64? {
        if let accountID = try Checkouts.account(of: id, db) { return accountID }
        guard let customer = session["customer"]?.string else { return nil }
        return try Accounts.find(stripeCustomer: customer, db)
    }

    private static func applyEnded(_ session: JSONValue, as status: String, _ db: borrowing Database) throws -> Bool {
        guard let id = session["id"]?.string else { return false }
        try Checkouts.setEnded(id, as: status, db)
        return true
    }
}
