import Web

/// `GET /api-v2/dashboard/stats` and `/api/dashboard/stats`: the figures on top of the developer dashboard.
struct ShowDashboardStats: Endpoint {
    static let historyDays = 30

    struct Daily: Codable, Sendable {
        /// As `2026-01-05`.
        let date: String
        let calls: Int64
    }

    struct Answer: JSONOutput {
        let activeKeys: Int64
        let monthlyUsage: Int64
        /// Calls a month; null without a limit.
        let usageLimit: Nullable<Int64>
        let tierName: String
        /// The last 30 UTC days, oldest first, zeros included.
        let usageHistory: [Daily]
        /// The day on which the month's count begins anew.
        let renewalDate: String

        // The names of the other generation.
        let plan: String
        let currentUsage: Int64
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try app.store.read { db in
            guard let plan = try Plans.find(ofAccount: accountID, db) else { throw Failure.notFound() }
            let calls = try app.monthlyCalls(ofAccount: accountID, at: now, db)
            let first = Day(number: now.day.number - historyDays + 1)
            let daily = try app.dailyCalls(ofAccount: accountID, since: first, at: now, db)
            return Answer(
                activeKeys: try APIKeys.countWorking(of: accountID, at: now, db),
                monthlyUsage: calls.used,
                usageLimit: Nullable(calls.limit),
                tierName: plan.code,
                usageHistory: (first.number...now.day.number).map { number in
                    Daily(date: Day(number: number).text, calls: daily[Day(number: number)] ?? 0)
                },
                renewalDate: now.month.next.firstDay.text,
                plan: plan.code,
                currentUsage: calls.used
            )
        }
    }
}
