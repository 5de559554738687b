import Web

/// `GET /billing/usage/{user_id}`: this month's shots against the plan; another's is 404.
struct ShowMonthlyUsage: Endpoint {
    struct Answer: JSONOutput {
        /// The month, as `2025-01`.
        let period: String
        let shotsUsed: Int64
        let shotsLimit: Nullable<Int64>
        let shotsRemaining: Nullable<Int64>
        let totalCost: Dollars
        let plan: String

        enum CodingKeys: String, CodingKey {
            case period, plan
            case shotsUsed = "shots_used"
            case shotsLimit = "shots_limit"
            case shotsRemaining = "shots_remaining"
            case totalCost = "total_cost"
        }
    }

    static func handle(_ input: ListUserInvoices.Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try UserAccount.find(input.userID, for: caller, in: app)
        let month = app.now().month
        return try app.store.read { db in
            guard let quota = try Quota.find(accountID: accountID, .shots, in: month, db) else {
                throw Failure.notFound("User not found")
            }
            return Answer(
                period: month.text,
                shotsUsed: quota.used,
                shotsLimit: Nullable(quota.limit),
                shotsRemaining: Nullable(quota.remaining),
                totalCost: try UsageRollups.month(month, .shots, of: accountID, db).cost,
                plan: quota.plan
            )
        }
    }
}
