import Logging
import Storage
import Web

/// `POST /webhooks/stripe`: an event whose signature was verified on its raw bytes.
///
/// It is stored and its effects are posted in one transaction, and only then answered 200. A repeat is 200 and nothing
/// else; an event whose effects fail is kept, answered 200 and tried again by ourselves. With the store locked or full
/// the answer is 503, and the provider sends it again.
struct ReceiveStripeEvent: Endpoint {
    struct Answer: JSONOutput {
        let received: Bool
    }

    /// - Throws: ``Failure`` 400 for what is no event, or one of the other mode: test money must not pay real bills.
    static func handle(_ input: SignedBody, by caller: Caller, in app: App) async throws -> Answer {
        let event = try StripeEvents.Event(input.bytes)
        if let isLive = event.isLive, let expected = app.settings.stripeIsLive, isLive != expected {
            throw Failure.badRequest("The event is of the other mode, live or test", code: "wrong_mode")
        }
        let now = app.now()
        do {
            try await app.store.write { db in
                guard try StripeEvents.insert(event, at: now, db) else { return }
                try StripeEvents.setDone(event.id, applied: try StripeEffects.apply(event, at: now, db), db)
            }
        } catch let error as StoreError where error.isTemporary {
            throw error
        } catch {
            try await app.store.write { db in
                guard try StripeEvents.insert(event, at: now, db) else { return }
                try StripeEvents.setFailed(event.id, "\(error)", at: now, db)
            }
            log(error, of: event.id, app)
        }
        return Answer(received: true)
    }

    /// Tries stored events again whose effects failed.
    static func retryWaiting(in app: App) async throws {
        let now = app.now()
        for (id, raw) in try app.store.read({ db in try StripeEvents.due(at: now, db) }) {
            do {
                let event = try StripeEvents.Event(raw)
                try await app.store.write { db in
                    try StripeEvents.setDone(id, applied: try StripeEffects.apply(event, at: now, db), db)
                }
            } catch let error as StoreError where error.isTemporary {
                throw error
            } catch {
                try await app.store.write { db in try StripeEvents.setFailed(id, "\(error)", at: now, db) }
                log(error, of: id, app)
            }
        }
    }

    private static func log(_ error: any Error, of id: String, _ app: App) {
        let level: Logger.Level = error is StripeEffects.PaymentNotReported ? .info : .error
        app.log.log(level: level, "an event waits", metadata: ["event": "\(id)", "error": "\(error)"])
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
