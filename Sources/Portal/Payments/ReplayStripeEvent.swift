import Outbound
import Storage
import Web

/// `purser stripe replay EVENT`: applies an event once more, whatever became of it; one that never came is fetched.
struct ReplayStripeEvent: Endpoint {
    struct Input: Codable, Sendable {
        let event: Text<1, 255>
    }

    struct Answer: JSONOutput {
        let event: String
        let status: String
        /// Why it changed nothing, or waits; null when it was applied.
        let reason: Nullable<String>
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let id = input.event.value
        let now = app.now()
        let isKnown = try await app.store.write { db in
            try Audit.record(.eventReplayed, by: caller, account: nil, target: "event:\(id)", at: now, db)
            return try StripeEvents.replay(id, at: now, db)
        }
        if !isKnown { try await fetch(id, app) }
        while await app.stripeInbox.applyDue(app) {}
        guard let found = try app.store.read({ db in try StripeEvents.state(id, db) }) else {
            throw Failure.notFound("There is no event \(id)")
        }
        return Answer(event: id, status: found.status, reason: Nullable(found.error))
    }

    private static func fetch(_ id: String, _ app: App) async throws {
        guard let stripe = app.stripe, id.utf8.allSatisfy({ $0 == 95 || UInt8(ascii: "0")...122 ~= $0 }) else {
            throw Failure.notFound("There is no event \(id)")
        }
        do {
            let body = try await stripe.get("/v1/events/\(PercentCoding.encode(id))")
            let event = try StripeEvents.Event(try JSONEncoding.bytes(of: body))
            _ = try await ReceiveStripeEvent.store(event, heldFor: 0, app)
        } catch let error as StripeError where error.isMissing {
            throw Failure.notFound("There is no event \(id)")
        } catch let error where error is StripeError || error is OutboundError {
            throw StripeClient.unavailable(error)
        }
    }
}
