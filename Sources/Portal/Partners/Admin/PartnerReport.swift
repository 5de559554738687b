import Storage
import Web

/// The partner program over all accounts, for operators. Test accounts are left out of what is added up.
enum PartnerReport {
    struct Totals: Sendable {
        /// Accounts on a plan of the program, or with an app.
        let partners: Int64
        /// Of these, made since a moment.
        let newPartners: Int64
        let apps: Int64
        let suspendedApps: Int64
        let campaigns: Int64
        let openFlags: Int64
    }

    static func totals(newSince moment: Timestamp, _ db: borrowing Database) throws -> Totals {
        let found = try db.first(
            """
            SELECT count(*), coalesce(sum(CASE WHEN a.created_at >= ? THEN 1 ELSE 0 END), 0),
                (SELECT count(*) FROM app WHERE deleted_at IS NULL),
                (SELECT count(*) FROM app WHERE deleted_at IS NULL AND status = 'SUSPENDED'),
                (SELECT count(*) FROM campaign WHERE deleted_at IS NULL),
                (SELECT count(*) FROM fraud_flag WHERE resolved_at IS NULL)
            FROM account a JOIN plan p ON p.id = a.plan_id
            WHERE a.test_clock_at IS NULL AND (p.family = 'partner'
                OR EXISTS (SELECT 1 FROM app d WHERE d.account_id = a.id AND d.deleted_at IS NULL))
            """,
            moment.milliseconds
        ) { row in
            Totals(
                partners: row[0],
                newPartners: row[1],
                apps: row[2],
                suspendedApps: row[3],
                campaigns: row[4],
                openFlags: row[5]
            )
        }
        return found ?? Totals(partners: 0, newPartners: 0, apps: 0, suspendedApps: 0, campaigns: 0, openFlags: 0)
    }

    /// What all campaigns ever brought.
    static func brought(_ db: borrowing Database) throws -> CampaignCounts.Step {
        let found = try db.first(
            """
            SELECT coalesce(sum(referrals), 0), coalesce(sum(clicks), 0), coalesce(sum(conversions), 0),
                coalesce(sum(revenue), 0), coalesce(sum(rewards), 0), coalesce(sum(reward_amount), 0)
            FROM campaign_day
            """
        ) { row in
            CampaignCounts.Step(
                referrals: row[0],
                clicks: row[1],
                conversions: row[2],
                revenue: row[3],
                rewards: row[4],
                rewardAmount: row[5]
            )
        }
        return found ?? CampaignCounts.Step()
    }

    /// Live subscriptions to plans of the program, and what they bring in dollars, before discounts.
    struct Subscribed: Sendable {
        var counts: [String: Int64] = [:]
        var recurring = RecurringRevenue()
        /// By the plan's code.
        var plans: [String: (count: Int64, recurring: RecurringRevenue)] = [:]

        func count(_ status: Subscriptions.Status) -> Int64 { counts[status.rawValue] ?? 0 }
    }

    static func subscribed(_ db: borrowing Database) throws -> Subscribed {
        let prices = try SubscriptionReport.prices(db)
        var found = Subscribed()
        for group in try SubscriptionReport.live(db) {
            guard let price = prices[group.priceID], price.plan.family == Plans.Family.partner.rawValue else {
                continue
            }
            found.counts[group.status, default: 0] += group.count
            var plan = found.plans[price.plan.code] ?? (0, RecurringRevenue())
            plan.count += group.count
            if group.status != Subscriptions.Status.trialing.rawValue, price.currency == .usd {
                let yearly = try price.yearly.times(group.count)
                try plan.recurring.add(yearly)
                try found.recurring.add(yearly)
            }
            found.plans[price.plan.code] = plan
        }
        return found
    }

    struct Caller: Sendable {
        let account: AccountReport.Name
        let status: String
        let plan: String
        let calls: Int64
    }

    /// Those with the most calls in a month.
    static func callers(in month: Month, limit: Int64, _ db: borrowing Database) throws -> [Caller] {
        try db.all(
            """
            SELECT a.id, a.name, a.status, p.code, m.calls
            FROM call_month m JOIN account a ON a.id = m.account_id JOIN plan p ON p.id = a.plan_id
            WHERE m.month = ? ORDER BY m.calls DESC, a.id LIMIT ?
            """,
            month.number,
            limit
        ) { row in
            Caller(account: AccountReport.Name(id: row[0], name: row[1]), status: row[2], plan: row[3], calls: row[4])
        }
    }

    static func calls(in month: Month, _ db: borrowing Database) throws -> Int64 {
        try db.value("SELECT coalesce(sum(calls), 0) FROM call_month WHERE month = ?", month.number) ?? 0
    }

    /// The ids of apps before one, newest first.
    /// - Parameter search: a part of the app's or the account's name, in whatever case of A to Z; empty: any.
    static func apps(
        before: Int64,
        search: String,
        limit: Int64,
        _ db: borrowing Database
    ) throws -> [Int64] {
        try db.all(
            """
            SELECT d.id FROM app d JOIN account a ON a.id = d.account_id
            WHERE d.deleted_at IS NULL AND d.public_id IS NOT NULL AND d.id < ?
                AND (? = '' OR lower(d.name) LIKE ? ESCAPE '\\' OR lower(a.name) LIKE ? ESCAPE '\\')
            ORDER BY d.id DESC LIMIT ?
            """,
            before,
            search,
            AccountReport.pattern(search),
            AccountReport.pattern(search),
            limit
        ) { row in row[0] }
    }
}
