import Storage
import Web

/// `POST /webhooks/stripe`: an event whose signature was verified on its raw bytes.
///
/// It is stored and answered 200 in one transaction; ``StripeInbox`` applies it, from the object as the provider has it
/// then. A payer who comes back from the payment page finds it paid: the provider holds the page until we answer, so
/// for `checkout.session.completed` we try to be done before, for two seconds at most. A repeat is 200 and nothing
/// else; an event whose effects fail is tried again by ourselves. With the store locked or full the answer is 503, and
/// the provider sends it again.
struct ReceiveStripeEvent: Endpoint {
    struct Answer: JSONOutput {
        let received: Bool
    }

    /// How long an event that is applied by who stored it is left to them.
    private static let secondsHeld: Int64 = 10

    /// - Throws: ``Failure`` 400 for what is no event, or one of the other mode: test money must not pay real bills.
    static func handle(_ input: SignedBody, by caller: Caller, in app: App) async throws -> Answer {
        let event = try StripeEvents.Event(input.bytes)
        if let isLive = event.isLive, let expected = app.settings.stripeIsLive, isLive != expected {
            throw Failure.badRequest("The event is of the other mode, live or test", code: "wrong_mode")
        }
        guard app.stripe != nil else {
            try await storeAndApply(event, app)
            return Answer(received: true)
        }
        let isAwaited = event.type == "checkout.session.completed"
        switch try await store(event, heldFor: isAwaited ? secondsHeld : 0, app) {
        case .waits where isAwaited:
            if await StripeInbox.apply([event], .brief, app) == .blocked { app.stripeInbox.wake() }
        case .waits: app.stripeInbox.wake()
        case .isDone: break
        }
        return Answer(received: true)
    }

    enum Stored { case waits, isDone }

    /// - Returns: whether anything is left to do: not for repeats, nor for what concerns nobody here.
    static func store(_ event: StripeEvents.Event, heldFor seconds: Int64, _ app: App) async throws -> Stored {
        let now = app.now()
        return try await app.store.write { db in
            let reason = try reasonToIgnore(event, db)
            let outcome = reason.map { StripeEvents.Outcome.ignored($0) }
            let isNew = try StripeEvents.insert(event, outcome, dueAt: now.adding(seconds: seconds), at: now, db)
            return isNew && reason == nil ? .waits : .isDone
        }
    }

    /// What is decided without asking the provider.
    private static func reasonToIgnore(_ event: StripeEvents.Event, _ db: borrowing Database) throws -> String? {
        guard let about = event.about, let object = event.object else { return "events of this type are not wanted" }
        let isName = { (byte: UInt8) in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: true
            default: false
            }
        }
        // It becomes part of a path; what has none is a thin event.
        guard about == .meterErrors || !event.objectID.isEmpty && event.objectID.utf8.allSatisfy(isName) else {
            return "it names no object"
        }
        let customer = about == .customer ? object["id"]?.string : object["customer"]?.string
        guard let customer, try Accounts.find(stripeCustomer: customer, db) == nil else { return nil }
        if about == .session, try Checkouts.account(of: event.objectID, db) != nil { return nil }
        return "it is of no customer of ours"
    }

    /// Without a provider to ask.
    private static func storeAndApply(_ event: StripeEvents.Event, _ app: App) async throws {
        let now = app.now()
        do {
            try await app.store.write { db in
                guard try !StripeEvents.has(event.id, db) else { return }
                let outcome = try StripeApplication(app).applyAsSigned(event, at: now, db)
                let dueAt = now.adding(seconds: Outbox.backoffSeconds(after: 1))
                _ = try StripeEvents.insert(event, outcome, dueAt: dueAt, at: now, db)
            }
        } catch let error as StoreError where error.isTemporary {
            throw error
        } catch {
            try await app.store.write { db in
                guard try StripeEvents.insert(event, nil, dueAt: now, at: now, db) else { return }
                try StripeEvents.setFailed(event.id, "\(error)", at: now, db)
            }
            app.log.error("an event waits", metadata: ["event": "\(event.id)", "error": "\(error)"])
        }
    }
}

extension Settings {
    /// Nil without a key, or with one that does not say (docs.stripe.com/keys).
    var stripeIsLive: Bool? {
        guard let key = stripeSecretKey else { return nil }
        if key.hasPrefix("sk_live_") || key.hasPrefix("rk_live_") { return true }
        return key.hasPrefix("sk_test_") || key.hasPrefix("rk_test_") ? false : nil
    }
}
