import Storage
import Web

/// Subscriptions as reports count them. Test accounts are left out of what is added up.
enum SubscriptionReport {
    /// So many live subscriptions of one state at the same prices.
    struct Group: Sendable {
        let priceID: Int64
        let status: String
        let count: Int64
    }

    static func live(_ db: borrowing Database) throws -> [Group] {
        try db.all(
            """
            SELECT s.plan_price_id, s.status, count(*) FROM subscription s JOIN account a ON a.id = s.account_id
            WHERE s.status IN ('trialing', 'active', 'past_due') AND a.test_clock_at IS NULL
            GROUP BY s.plan_price_id, s.status
            """
        ) { row in Group(priceID: row[0], status: row[1], count: row[2]) }
    }

    /// All versions of all plans, by id.
    static func prices(_ db: borrowing Database) throws -> [Int64: RecurringPrice] {
        let prices = try db.all(
            """
            SELECT v.id, v.interval, v.prices, p.id, p.code, p.name, p.family
            FROM plan_price v JOIN plan p ON p.id = v.plan_id
            """
        ) { row in
            let prices = try InputDecoder.decode(
                PlanPrices.self,
                from: JSONParser.parse(Array((row[2] as String).utf8))
            )
            let fees = try PlanPrices(currency: prices.currency, items: prices.items.filter { $0.meter == nil })
            return RecurringPrice(
                id: row[0],
                plan: ReportedPlan(id: row[3], code: row[4], name: row[5], family: row[6]),
                interval: row[1],
                currency: prices.currency,
                fee: try Pricing.lines(of: [:], under: fees).reduce(0) { try $0.plus($1.amount) }
            )
        }
        return Dictionary(prices.map { ($0.id, $0) }) { first, _ in first }
    }

    static func plans(_ db: borrowing Database) throws -> [Int64: ReportedPlan] {
        let plans = try db.all("SELECT id, code, name, family FROM plan") { row in
            ReportedPlan(id: row[0], code: row[1], name: row[2], family: row[3])
        }
        return Dictionary(plans.map { ($0.id, $0) }) { first, _ in first }
    }

    /// The prices of paying subscriptions whose accounts hold coupons, with these in the order in which they apply.
    static func discounts(_ db: borrowing Database) throws -> [(priceID: Int64, discounts: [Discount])] {
        let rows = try db.all(
            """
            SELECT s.id, s.plan_price_id, c.name, c.basis_points, c.amount, c.currency
            FROM account_coupon h JOIN coupon c ON c.id = h.coupon_id JOIN account a ON a.id = h.account_id
            JOIN subscription s ON s.account_id = h.account_id AND s.status IN ('active', 'past_due')
            WHERE (h.invoices_left IS NULL OR h.invoices_left > 0) AND a.test_clock_at IS NULL
                AND (c.currency IS NULL OR c.currency = a.currency)
            ORDER BY s.id, h.redeemed_at, h.coupon_id
            """
        ) { row in (row[0] as Int64, row[1] as Int64, Self.discount(row)) }
        var found: [(id: Int64, priceID: Int64, discounts: [Discount])] = []
        for (id, priceID, discount) in rows {
            guard let discount else { continue }
            if found.last?.id == id {
                found[found.count - 1].discounts.append(discount)
            } else {
                found.append((id, priceID, [discount]))
            }
        }
        return found.map { ($0.priceID, $0.discounts) }
    }

    private static func discount(_ row: borrowing Row) -> Discount? {
        let (points, amount): (Int64?, Int64?) = (row[3], row[4])
        if let points { return Discount(name: row[2], reduction: .percent(basisPoints: points)) }
        guard let amount, let currency = Currency((row[5] as String?) ?? "") else { return nil }
        return Discount(name: row[2], reduction: .amount(Money(amount, currency)))
    }

    /// What changed what subscriptions pay, from a moment until another, in order.
    static func steps(
        _ span: Range<Timestamp>,
        _ db: borrowing Database
    ) throws -> [RevenueMoves.Step] {
        try db.all(
            """
            SELECT c.subscription_id, c.kind, c.from_price_id, c.to_price_id, c.happened_at, s.trial_end,
                (SELECT count(*) FROM subscription b WHERE b.account_id = s.account_id AND b.id < s.id
                    AND (b.trial_end IS NULL OR b.ended_at > b.trial_end)) > 0
            FROM subscription_change c JOIN subscription s ON s.id = c.subscription_id
            JOIN account a ON a.id = s.account_id
            WHERE c.happened_at >= ? AND c.happened_at < ? AND a.test_clock_at IS NULL
                AND (c.kind IN ('started', 'trial_ended', 'upgraded', 'downgraded', 'canceled')
                    OR coalesce(c.from_price_id, 0) <> coalesce(c.to_price_id, 0))
            ORDER BY c.happened_at, c.id
            """,
            span.lowerBound.milliseconds,
            span.upperBound.milliseconds
        ) { row in
            RevenueMoves.Step(
                subscriptionID: row[0],
                kind: row[1],
                fromPriceID: row[2],
                toPriceID: row[3],
                happenedAt: Timestamp(milliseconds: row[4]),
                trialEnd: (row[5] as Int64?).map { Timestamp(milliseconds: $0) },
                isReturning: row[6]
            )
        }
    }
}
extension SubscriptionReport {
    struct Item: Sendable {
        let id: Int64
        let publicID: String
        let account: AccountReport.Name
        let priceID: Int64
        let status: String
        let periodStart: Timestamp
        let periodEnd: Timestamp
        let cancelsAtPeriodEnd: Bool
        let createdAt: Timestamp
        let endedAt: Timestamp?
    }

    /// The newest first; those that have ended among them.
    static func list(_ filter: ReportFilter, status: String, _ db: borrowing Database) throws -> [Item] {
        try db.all(
            """
            SELECT s.id, s.public_id, s.account_id, a.name, s.plan_price_id, s.status, s.period_start, s.period_end,
                s.cancel_at_period_end, s.created_at, s.ended_at
            FROM subscription s JOIN account a ON a.id = s.account_id JOIN plan_price v ON v.id = s.plan_price_id
            WHERE s.id < ? AND (? = 0 OR s.account_id = ?) AND (? = '' OR s.status = ?) AND (? = '' OR v.currency = ?)
                AND s.created_at >= ? AND s.created_at < ?
            ORDER BY s.id DESC LIMIT ?
            """,
            filter.before,
            filter.account,
            filter.account,
            status,
            status,
            filter.currency,
            filter.currency,
            filter.span.lowerBound.milliseconds,
            filter.span.upperBound.milliseconds,
            filter.limit
        ) { row in
            Item(
                id: row[0],
                publicID: row[1],
                account: AccountReport.Name(id: row[2], name: row[3]),
                priceID: row[4],
                status: row[5],
                periodStart: Timestamp(milliseconds: row[6]),
                periodEnd: Timestamp(milliseconds: row[7]),
                cancelsAtPeriodEnd: row[8],
                createdAt: Timestamp(milliseconds: row[9]),
                endedAt: (row[10] as Int64?).map { Timestamp(milliseconds: $0) }
            )
        }
    }

    /// - Parameter status: empty: all.
    static func count(status: String, _ db: borrowing Database) throws -> Int64 {
        try db.value("SELECT count(*) FROM subscription WHERE (? = '' OR status = ?)", status, status) ?? 0
    }
}
