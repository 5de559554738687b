import Web

/// `GET /api/admin/usage`: who called how often this month, the busiest first.
struct ShowProgramUsage: Endpoint {
    struct Input: Codable, Sendable {
        /// 100 unless told.
        let limit: Whole<1, 500>?
    }

    struct Partner: Codable, Sendable {
        let id: String
        let name: String
        /// The account's: `active` or `suspended`.
        let status: String
        /// Its plan's id.
        let plan: String
        let apiCalls: Int64
        /// Null: there is none.
        let apiLimit: Nullable<Int64>
        /// Of the limit, whole.
        let percentage: Int64
        let overage: Int64
        let estimatedCost: Dollars
    }

    struct Answer: JSONOutput {
        /// As `2026-02`.
        let month: String
        /// By all accounts.
        let totalCalls: Int64
        let partners: [Partner]
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let now = app.now()
        let limit = input.limit?.value ?? 100
        return try await LongRead.run(app.store) { db in
            let partners = try PartnerReport.callers(in: now.month, limit: limit, db).map { found in
                let month = try MonthOfCalls(of: found.account.id, at: now, in: app, db)
                return Partner(
                    id: "\(found.account.id)",
                    name: found.account.name,
                    status: found.status,
                    plan: found.plan,
                    apiCalls: month.calls,
                    apiLimit: Nullable(month.limit),
                    percentage: month.limit.map { UsageAlerts.percent(month.calls, of: $0) } ?? 0,
                    overage: month.overage,
                    estimatedCost: month.estimatedCost
                )
            }
            return Answer(
                month: now.month.text,
                totalCalls: try PartnerReport.calls(in: now.month, db),
                partners: partners
            )
        }
    }
}
