import Storage
import Web

/// A subscription as operators see it.
struct SubscriptionRow: ReportRow {
    let number: Int64
    let id: String
    let account: Int64
    let accountName: String
    let plan: String
    let tier: String
    let status: String
    /// What its fees come to in an interval, before discounts and taxes.
    let amount: Amount
    let currency: Currency
    let interval: String
    let currentPeriodStart: Timestamp
    let currentPeriodEnd: Timestamp
    let cancelAtPeriodEnd: Bool
    let createdAt: Timestamp
    let endedAt: Nullable<Timestamp>

    enum CodingKeys: String, CodingKey {
        case number, id, account, plan, tier, status, amount, currency, interval
        case accountName = "account_name"
        case currentPeriodStart = "current_period_start"
        case currentPeriodEnd = "current_period_end"
        case cancelAtPeriodEnd = "cancel_at_period_end"
        case createdAt = "created_at"
        case endedAt = "ended_at"
    }

    var position: Int64 { number }

    static func find(_ filter: ReportFilter, status: String, in app: App) async throws -> [SubscriptionRow] {
        try await LongRead.run(app.store) { db in try find(filter, status: status, db) }
    }

    static func find(_ filter: ReportFilter, status: String, _ db: borrowing Database) throws -> [SubscriptionRow] {
        let prices = try SubscriptionReport.prices(db)
        return try SubscriptionReport.list(filter, status: status, db).map { it in
            guard let price = prices[it.priceID] else {
                throw StoreError.corrupt("there is no plan_price \(it.priceID)")
            }
            return SubscriptionRow(
                number: it.id,
                id: it.publicID,
                account: it.account.id,
                accountName: it.account.name,
                plan: price.plan.code,
                tier: price.plan.tier,
                status: it.status,
                amount: Amount(Cents(price.fee), price.currency),
                currency: price.currency,
                interval: price.interval,
                currentPeriodStart: it.periodStart,
                currentPeriodEnd: it.periodEnd,
                cancelAtPeriodEnd: it.cancelsAtPeriodEnd,
                createdAt: it.createdAt,
                endedAt: Nullable(it.endedAt)
            )
        }
    }
}

/// `GET /api/v1/admin/subscriptions`: those that have ended among them.
struct ListAllSubscriptions: Endpoint {
    static func handle(
        _ input: ReportQuery,
        by caller: Caller,
        in app: App
    ) async throws -> ReportPage<SubscriptionRow> {
        try await SubscriptionRow.page(input, in: app)
    }
}
