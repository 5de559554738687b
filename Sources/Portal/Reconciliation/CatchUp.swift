import Storage
import Web

/// Fetches the events that webhooks did not bring: all that the provider made since the last time, and those whose
/// delivery it says has failed (docs.stripe.com/webhooks/process-undelivered-events).
enum CatchUp {
    static let minutesBetween: Int64 = 15
    /// Stripe lists no events that are older.
    private static let oldestDays = 30
    /// An event may come into the list a little after its time.
    private static let overlapSeconds: Int64 = 600

    /// - Returns: how many were news.
    /// - Throws: ``StripeError``, `OutboundError`, ``StoreError``.
    static func run(_ stripe: StripeClient, _ app: App) async throws -> Int {
        let now = app.now()
        let before = try app.store.read { db in try Reconciliations.find(.events, db) }
        let oldest = now.adding(days: -oldestDays).seconds
        var events = try await stripe.list(
            "/v1/events",
            [("created[gte]", "\(oldest)"), ("delivery_success", "false")]
        )
        if let cursor = before.flatMap({ Int64($0.cursor) }) {
            events += try await stripe.list("/v1/events", [("created[gte]", "\(max(oldest, cursor - overlapSeconds))")])
        }
        var news = 0
        // The oldest first, as they would have come.
        for body in events.reversed() {
            let event = try StripeEvents.Event(try JSONEncoding.bytes(of: body))
            guard event.about != nil, event.isLive == app.settings.stripeIsLive || app.settings.stripeIsLive == nil,
                try !app.store.read({ db in try StripeEvents.has(event.id, db) })
            else { continue }
            if try await ReceiveStripeEvent.store(event, heldFor: 0, app) == .waits { news += 1 }
        }
        let count = news
        try await app.store.write { db in
            let report = "{\"missed\":\(count)}"
            try Reconciliations.put(.events, .init(cursor: "\(now.seconds)", ranAt: now, report: report), db)
        }
        if news > 0 { app.log.notice("events were fetched that no webhook brought", metadata: ["events": "\(news)"]) }
        app.stripeInbox.wake()
        return news
    }
}
