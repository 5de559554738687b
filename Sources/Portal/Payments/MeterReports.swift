import Outbound
import Storage
import Web

/// Reports each use to Stripe's meter, through the outbox, once: from `purser stripe setup` on, which makes the meter.
struct MeterReports: Sendable {
    /// Stripe takes times up to 35 days back (docs.stripe.com/api/billing/meter-event/create); some are left for an
    /// outage.
    static let oldestDays = 30

    let eventName: String

    /// In the transaction that records the use.
    ///
    /// The identifier, by which Stripe tells repeats, holds the event's own id and, so that two stores may share a
    /// provider account, the time.
    func report(
        eventID: Int64,
        _ quantity: Int64,
        at occurredAt: Timestamp,
        accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        guard try StripeObjects.find(.meter, db) != nil else { return }
        let identifier = "purser-use-\(eventID)-\(now.milliseconds)"
        // Put down now and not computed again: a repeat has to say the same.
        let timestamp = min(max(occurredAt, now.adding(days: -Self.oldestDays)), now)
        let payload = JSONValue.object([
            .init("event_name", .string(eventName)),
            .init("value", .integer(quantity)),
            .init("timestamp", .integer(timestamp.seconds)),
        ])
        try OutboxRows.insert(.stripeMeterEvent, accountID: accountID, payload, key: identifier, at: now, db)
    }

    /// What an account used before it was linked.
    func report(usesOf accountID: Int64, after id: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        // Most have used nothing yet, and events are not indexed by account.
        guard try UsageTotals.list(.shots, of: accountID, db).contains(where: { $0.quantity > 0 }) else { return }
        for use in try UsageEvents.shots(of: accountID, after: id, db) {
            try report(eventID: use.id, use.quantity, at: use.occurredAt, accountID: accountID, at: now, db)
        }
    }

    /// The outbox's part.
    static func send(_ item: OutboxRows.Item, _ stripe: StripeClient, _ app: App) async throws {
        guard let account = try app.store.read({ db in try Accounts.customer(item.accountID, db) }),
            let customer = account.stripeCustomerID,
            let name = item.payload["event_name"]?.string, let value = item.payload["value"]?.integer,
            let timestamp = item.payload["timestamp"]?.integer
        else { return }
        let identifier = item.idempotencyKey
        let form = [
            ("event_name", name), ("identifier", identifier), ("timestamp", "\(timestamp)"),
            ("payload[stripe_customer_id]", customer), ("payload[value]", "\(value)"),
        ]
        do {
            // The identifier is what makes a repeat harmless. The key changes with the attempt, since under the same
            // one Stripe would repeat a 500 for a day.
            let key = "\(identifier)-\(item.attempts)"
            _ = try await stripe.post("/v1/billing/meter_events", form, idempotencyKey: key, .background)
        } catch let error as StripeError where isRepeat(error, of: identifier) {
            app.log.info("a meter event was reported before", metadata: ["identifier": "\(identifier)"])
        }
    }

    /// Whether an earlier attempt came through, whose answer was lost. Stripe gives this refusal no code of its own.
    private static func isRepeat(_ error: StripeError, of identifier: String) -> Bool {
        error.status == 400 && error.message.contains("already exists") && error.message.contains(identifier)
    }
}

extension App {
    /// Nil without a provider.
    var meterReports: MeterReports? {
        stripe == nil ? nil : MeterReports(eventName: settings.meterEvent)
    }
}
