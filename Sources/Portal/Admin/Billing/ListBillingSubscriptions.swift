import Web

/// `GET /api/v1/admin/billing/subscriptions`: the newest first, in the words of account billing's older clients.
struct ListBillingSubscriptions: Endpoint {
    struct Input: Codable, Sendable {
        /// `trialing`, `active`, `past_due` or `canceled`.
        let status: Text<0, 32>?
        let limit: Whole<1, 1000>?
    }

    struct Item: Codable, Sendable {
        let id: String
        /// The account's, as ``ListBillingCustomers`` has it.
        let customer: String
        let customerName: String
        let plan: String
        let tier: String
        let status: String
        let amount: Amount
        let currency: Currency
        let interval: String
        let currentPeriodStart: Timestamp
        let currentPeriodEnd: Timestamp
        let cancelAtPeriodEnd: Bool

        enum CodingKeys: String, CodingKey {
            case id, customer, plan, tier, status, amount, currency, interval
            case customerName = "customer_name"
            case currentPeriodStart = "current_period_start"
            case currentPeriodEnd = "current_period_end"
            case cancelAtPeriodEnd = "cancel_at_period_end"
        }

        init(_ row: SubscriptionRow) {
            (id, customer, customerName) = (row.id, "\(row.account)", row.accountName)
            (plan, tier, status) = (row.plan, row.tier, row.status)
            (amount, currency, interval) = (row.amount, row.currency, row.interval)
            (currentPeriodStart, currentPeriodEnd) = (row.currentPeriodStart, row.currentPeriodEnd)
            cancelAtPeriodEnd = row.cancelAtPeriodEnd
        }
    }

    struct Answer: JSONOutput {
        let subscriptions: [Item]
        /// All of that status, shown or not.
        let total: Int64
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let status = input.status?.value ?? ""
        let filter = ReportFilter(limit: input.limit?.value ?? 100)
        return try await LongRead.run(app.store) { db in
            Answer(
                subscriptions: try SubscriptionRow.find(filter, status: status, db).map { Item($0) },
                total: try SubscriptionReport.count(status: status, db)
            )
        }
    }
}
