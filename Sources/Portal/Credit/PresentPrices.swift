import Storage
import Web

/// The prices that accounts are billed by, and those they could have. Tables of plans and subscriptions are only read
/// here.
struct PresentPrices: Sendable {
    /// How often a plan's fees are due.
    enum Interval: String, Sendable, Codable, CaseIterable, Documented {
        case week, month, year

        static var sample: Interval { .month }
    }

    let prices: PlanPrices
    let interval: Interval

    /// Those of the account's subscription; without one those that its plan asks for by the month, in its currency. Nil
    /// where it pays as it goes.
    static func find(of accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws -> PresentPrices? {
        let subscribed = try db.first(
            """
            SELECT p.prices, p.interval FROM subscription s JOIN plan_price p ON p.id = s.plan_price_id
            WHERE s.account_id = ? AND s.status <> 'canceled'
            """,
            accountID
        ) { row in PresentPrices(prices: try parse(row[0]), interval: try row.raw(1)) }
        if let subscribed { return subscribed }
        guard let plan = try Plans.find(ofAccount: accountID, db) else { return nil }
        let currency = try Accounts.currency(of: accountID, db)
        let prices = try offered(plan: plan.code, in: currency, every: .month, at: now, db)
        return prices.map { PresentPrices(prices: $0, interval: .month) }
    }

    /// What a plan asks for; nil where it is not to be had in that currency and interval.
    static func offered(
        plan code: String,
        in currency: Currency,
        every interval: Interval,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> PlanPrices? {
        try db.first(
            """
            SELECT p.prices FROM plan_price p JOIN plan l ON l.id = p.plan_id
            WHERE l.code = ? AND p.currency = ? AND p.interval = ? AND p.effective_from <= ?
            ORDER BY p.effective_from DESC LIMIT 1
            """,
            code,
            currency.code,
            interval.rawValue,
            now.milliseconds
        ) { row in try parse(row[0]) }
    }

    private static func parse(_ text: String) throws -> PlanPrices {
        try InputDecoder.decode(PlanPrices.self, from: try JSONParser.parse(Array(text.utf8)))
    }
}
