import Outbound
import Web

/// `purser stripe reconcile`: fetches missed events and compares books with the provider, now.
struct ReconcileStripe: Endpoint {
    struct Input: Codable, Sendable {
        let repair: Bool?
        let days: Whole<1, 365>?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> ReconciliationReport {
        guard let stripe = app.stripe else {
            throw Failure.unavailable("Payments are not configured: STRIPE_SECRET_KEY is not given")
        }
        let repairs = input.repair ?? false
        do {
            let days = input.days.map { Int($0.value) } ?? Reconciliation.days
            let report = try await Reconciliation.run(days: days, repairs: repairs, stripe, app)
            let now = app.now()
            if repairs {
                try await app.store.write { db in
                    try Audit.record(
                        .paymentsReconciled,
                        by: caller,
                        account: nil,
                        target: "provider",
                        detail: [.init("repaired", .integer(Int64(report.repaired)))],
                        at: now,
                        db
                    )
                }
            }
            return report
        } catch let error where error is StripeError || error is OutboundError {
            app.log.warning("books could not be compared", metadata: ["error": "\(error)"])
            throw StripeClient.unavailable(error)
        }
    }
}

/// `GET /api/v1/admin/reconciliation`: when books and provider were compared last, and what differed.
struct ShowReconciliation: Endpoint {
    struct Answer: JSONOutput {
        /// When missed events were fetched last; null: never.
        let eventsFetchedAt: Nullable<Timestamp>
        /// The last comparison, as `purser stripe reconcile --json` prints it; null: none yet.
        let report: Nullable<ReconciliationReport>

        enum CodingKeys: String, CodingKey {
            case report
            case eventsFetchedAt = "events_fetched_at"
        }
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let (events, books) = try app.store.read { db in
            (try Reconciliations.find(.events, db), try Reconciliations.find(.books, db))
        }
        let report = try books.map { run in
            try InputDecoder.decode(ReconciliationReport.self, from: try JSONParser.parse(Array(run.report.utf8)))
        }
        return Answer(eventsFetchedAt: Nullable(events?.ranAt), report: Nullable(report))
    }
}
