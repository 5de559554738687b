import Web

/// `GET /api/admin/stats`: the partner program as a whole.
struct ShowProgram: Endpoint {
    private static let newDays = 30

    struct Answer: JSONOutput {
        let totalPartners: Int64
        /// In the last 30 days.
        let newPartners: Int64
        let totalApps: Int64
        let suspendedApps: Int64
        let totalCampaigns: Int64
        let totalReferrals: Int64
        let totalClicks: Int64
        let totalConversions: Int64
        /// Those that were not cancelled.
        let totalRewards: Int64
        let activeSubscriptions: Int64
        let trialSubscriptions: Int64
        /// Recurring fees as what they come to in a month, in dollars.
        let monthlyRevenue: Amount
        /// Of this month, by all accounts.
        let apiCalls: Int64
        let openFraudFlags: Int64
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let now = app.now()
        return try await LongRead.run(app.store) { db in
            let totals = try PartnerReport.totals(newSince: now.adding(days: -newDays), db)
            let brought = try PartnerReport.brought(db)
            let subscribed = try PartnerReport.subscribed(db)
            return Answer(
                totalPartners: totals.partners,
                newPartners: totals.newPartners,
                totalApps: totals.apps,
                suspendedApps: totals.suspendedApps,
                totalCampaigns: totals.campaigns,
                totalReferrals: brought.referrals,
                totalClicks: brought.clicks,
                totalConversions: brought.conversions,
                totalRewards: brought.rewards,
                activeSubscriptions: subscribed.count(.active) + subscribed.count(.pastDue),
                trialSubscriptions: subscribed.count(.trialing),
                monthlyRevenue: Amount(Cents(try subscribed.recurring.monthly), .usd),
                apiCalls: try PartnerReport.calls(in: now.month, db),
                openFraudFlags: totals.openFlags
            )
        }
    }
}
