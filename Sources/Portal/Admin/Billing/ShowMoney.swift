import Storage
import Web

/// `GET /api/v1/admin/stats`, `purser stats`: the house's money by currency, dollars first: what subscriptions bring,
/// what the ledger says of each month, and what is open. Test accounts are left out.
struct ShowMoney: Endpoint {
    struct Input: Codable, Sendable {
        /// How many, this one among them; 12 unless told.
        let months: Whole<1, 60>?
    }

    struct Answer: JSONOutput {
        let at: Timestamp
        let currencies: [MoneyView]
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let now = app.now()
        let months = Int(input.months?.value ?? 12)
        try await LedgerMonths.catchUp(app.store)
        let reports = try await LongRead.run(app.store) { db in
            let plans = try SubscriptionReport.plans(db)
            return try MoneyReport.all(months: months, at: now, db).map { try MoneyView($0, plans) }
        }
        return Answer(at: now, currencies: reports)
    }
}
