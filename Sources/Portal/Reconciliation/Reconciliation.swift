import Storage
import Web

/// What a comparison of ours with the provider's found.
struct ReconciliationReport: JSONOutput {
    let ranAt: Timestamp
    /// What the provider made since then was compared.
    let since: Timestamp
    let payments: Int
    /// Events that no webhook had brought.
    let missed: Int
    let drift: [Drift]
    let repaired: Int
    /// Charges whose payments were in no books here before, and were booked.
    let booked: [String]

    enum CodingKeys: String, CodingKey {
        case since, payments, missed, drift, repaired, booked
        case ranAt = "ran_at"
    }
}

/// Ledger against invoices against the provider: each night, and when asked for.
enum Reconciliation {
    static let days = 7

    /// Fetches missed events, applies them, and compares; keeps the report.
    /// - Parameter repairs: whether what can be put right by applying it again is.
    static func run(days: Int, repairs: Bool, _ stripe: StripeClient, _ app: App) async throws -> ReconciliationReport {
        let missed = try await CatchUp.run(stripe, app)
        while await app.stripeInbox.applyDue(app) {}
        await RefundOrders.finish(app)
        let since = app.now().adding(days: -days)
        var (drift, payments) = try await compare(since: since, stripe, app)
        var (repaired, booked): (Int, [String]) = (0, [])
        if repairs, !drift.isEmpty {
            let before = drift
            for item in before { await repair(item, app) }
            (drift, payments) = try await compare(since: since, stripe, app)
            repaired = max(0, before.count - drift.count)
            let missing = Set(drift.filter { $0.kind == .missingPayment }.map(\.object))
            booked = before.filter { $0.kind == .missingPayment && !missing.contains($0.object) }.map(\.object)
        }
        let report = ReconciliationReport(
            ranAt: app.now(),
            since: since,
            payments: payments,
            missed: missed,
            drift: drift,
            repaired: repaired,
            booked: booked
        )
        let text = String(decoding: try JSONEncoding.bytes(of: report), as: UTF8.self)
        try await app.store.write { db in
            try Reconciliations.put(.books, .init(cursor: "", ranAt: report.ranAt, report: text), db)
        }
        if !drift.isEmpty {
            app.log.warning("books and provider do not agree", metadata: ["differences": "\(drift.count)"])
        }
        return report
    }

    private static func compare(
        since: Timestamp,
        _ stripe: StripeClient,
        _ app: App
    ) async throws -> (drift: [Drift], payments: Int) {
        let (drift, payments) = try await BookComparison(stripe: stripe, store: app.store, since: since).run()
        return (drift + (try await pages(stripe, app)) + (try await own(app)), payments)
    }

    /// Pages that are open here and have ended there.
    private static func pages(_ stripe: StripeClient, _ app: App) async throws -> [Drift] {
        let open = try app.store.read { db in try Checkouts.open(before: app.now().adding(seconds: -60), db) }
        var drift: [Drift] = []
        for (id, account) in open {
            do {
                let session = try await stripe.get("/v1/checkout/sessions/\(id)", [], .background)
                let status = session["status"]?.string ?? ""
                // One that was completed by a method that takes days stays open here until the money is there.
                let isPending = status == "complete" && session["payment_status"]?.string == "unpaid"
                guard status != "open", !isPending else { continue }
                drift.append(
                    Drift(
                        kind: .openCheckout,
                        object: id,
                        account: Nullable(account),
                        here: "open",
                        there: status,
                        repair: Drift.applyAgain
                    )
                )
            } catch let error as StripeError where error.isMissing {
                continue
            }
        }
        return drift
    }

    /// What needs no provider to be seen.
    private static func own(_ app: App) async throws -> [Drift] {
        let store = app.store
        let hourAgo = app.now().adding(seconds: -3600)
        return try await OwnThread.run(named: "purser-reconcile") {
            try store.read(within: 600_000) { db in
                let books = try LedgerCheck.run(db).map { finding in
                    Drift(
                        kind: .books,
                        object: "",
                        account: Nullable(nil),
                        here: finding,
                        there: "",
                        repair: "restore a backup from before, or ask for help: books are never changed by hand"
                    )
                }
                let events = try StripeEvents.failed(db).map { event in
                    Drift(
                        kind: .failedEvent,
                        object: event.id,
                        account: Nullable(nil),
                        here: "\(event.type): \(event.error)",
                        there: "",
                        repair: "purser stripe replay \(event.id)"
                    )
                }
                let refunds = try Refunds.asked(before: hourAgo, db).map { refund in
                    Drift(
                        kind: .unansweredRefund,
                        object: refund.key ?? "",
                        account: Nullable(nil),
                        here: "asked for \(refund.createdAt.text)",
                        there: "no answer",
                        repair: "it is asked for again by itself, as soon as the provider answers"
                    )
                }
                return books + events + refunds
            }
        }
    }

    /// Has the object asked for and applied again, as if an event had just told of it.
    private static func repair(_ drift: Drift, _ app: App) async {
        guard let about = drift.again, let type = StripeEventTypes.wanted.first(where: { $0.value == about })?.key,
            let body = try? JSONEncoding.bytes(
                of: JSONValue.object([
                    .init("id", .string("repair:\(drift.object)")), .init("type", .string(type)),
                    .init("data", .object([.init("object", .object([.init("id", .string(drift.object))]))])),
                ])
            ),
            let event = try? StripeEvents.Event(body)
        else { return }
        _ = await StripeInbox.apply([event], .background, app)
    }
}
