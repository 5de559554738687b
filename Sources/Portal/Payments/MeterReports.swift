import Outbound
import Storage
import Web

/// Reports each use to Stripe's meter, through the outbox, once.
struct MeterReports: Sendable {
    let eventName: String

    /// In the transaction that records the use. The event's own id is the identifier by which Stripe tells repeats.
    func report(
        eventID: Int64,
        _ event: UsageEvent,
        accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let identifier = "purser-use-\(eventID)"
        let payload = JSONValue.object([
            .init("event_name", .string(eventName)),
            .init("value", .integer(event.quantity)),
            .init("timestamp", .integer(event.occurredAt.seconds)),
            .init("identifier", .string(identifier)),
        ])
        try OutboxRows.insert(
            .stripeMeterEvent,
            accountID: accountID,
            payload: String(decoding: try JSONEncoding.bytes(of: payload), as: UTF8.self),
            key: identifier,
            at: now,
            db
        )
    }

    /// The outbox's part.
    static func send(_ row: OutboxRows.Item, _ stripe: StripeClient, _ app: App) async throws {
        let payload = try JSONParser.parse(Array(row.payload.utf8))
        guard let account = try app.store.read({ db in try Accounts.customer(row.accountID, db) }),
            let customer = account.stripeCustomerID,
            let name = payload["event_name"]?.string, let value = payload["value"]?.integer,
            let identifier = payload["identifier"]?.string, let timestamp = payload["timestamp"]?.integer
        else { return }
        let form = [
            ("event_name", name), ("identifier", identifier), ("timestamp", "\(timestamp)"),
            ("payload[stripe_customer_id]", customer), ("payload[value]", "\(value)"),
        ]
        do {
            _ = try await stripe.post("/v1/billing/meter_events", form, idempotencyKey: row.idempotencyKey)
        } catch let error as StripeError where error.message.contains("identifier") && error.status == 400 {
            // Reported before, by an attempt whose answer was lost.
            app.log.info("a meter event was reported before", metadata: ["identifier": "\(identifier)"])
        }
    }
}

extension App {
    /// Nil without a provider.
    var meterReports: MeterReports? {
        stripe == nil ? nil : MeterReports(eventName: settings.meterEvent)
    }
}
