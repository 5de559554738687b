import Web

/// `GET /api/v1/admin/billing/stats`: subscriptions and what they bring in a month, in dollars.
///
/// A year's fee counts a twelfth and a week's 4.33 times (contract, section 4); ``ShowMoney`` is exact.
struct ShowBillingStats: Endpoint {
    struct Tier: Codable, Sendable {
        /// Live ones, trials too.
        var count: Int64 = 0
        var revenue: Amount
    }

    struct Answer: JSONOutput {
        /// All accounts.
        let totalCustomers: Int64
        let activeSubscriptions: Int64
        let trialSubscriptions: Int64
        let pastDueSubscriptions: Int64
        let monthlyRevenue: Amount
        let currency: Currency
        /// By tier; plans of other families than billing by their codes.
        let tierBreakdown: [String: Tier]

        enum CodingKeys: String, CodingKey {
            case currency
            case totalCustomers = "total_customers"
            case activeSubscriptions = "active_subscriptions"
            case trialSubscriptions = "trial_subscriptions"
            case pastDueSubscriptions = "past_due_subscriptions"
            case monthlyRevenue = "monthly_revenue"
            case tierBreakdown = "tier_breakdown"
        }
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        try await LongRead.run(app.store) { db in
            let prices = try SubscriptionReport.prices(db)
            let groups = try SubscriptionReport.live(db)
            var revenue = MonthlyRevenue()
            var tiers: [String: (count: Int64, revenue: MonthlyRevenue)] = [:]
            for group in groups {
                guard let price = prices[group.priceID] else { continue }
                let tier = price.plan.family == "billing" ? price.plan.tier : price.plan.code
                var entry = tiers[tier] ?? (0, MonthlyRevenue())
                entry.count += group.count
                if group.status != "trialing", price.currency == .usd {
                    try entry.revenue.add(price, group.count)
                    try revenue.add(price, group.count)
                }
                tiers[tier] = entry
            }
            func count(_ status: String) -> Int64 {
                groups.reduce(0) { $0 + ($1.status == status ? $1.count : 0) }
            }
            return Answer(
                totalCustomers: try Accounts.count(db),
                activeSubscriptions: count("active"),
                trialSubscriptions: count("trialing"),
                pastDueSubscriptions: count("past_due"),
                monthlyRevenue: try revenue.amount,
                currency: .usd,
                tierBreakdown: try tiers.mapValues { Tier(count: $0.count, revenue: try $0.revenue.amount) }
            )
        }
    }
}

/// Fees by the month as the contract counts them, in twelve-hundredths of a cent, so that only the sum is rounded.
private struct MonthlyRevenue {
    private var parts: Int64 = 0

    mutating func add(_ price: RecurringPrice, _ count: Int64) throws {
        let months: Int64 =
            switch price.interval {
            case "week": 433 * 12
            case "year": 100
            default: 1200
            }
        parts = try parts.plus(price.fee.times(count).times(months))
    }

    var amount: Amount {
        get throws { Amount(Cents(try Rounding.nearest(Int128(parts), over: 1200, step: 1)), .usd) }
    }
}
