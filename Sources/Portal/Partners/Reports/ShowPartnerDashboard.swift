import Storage
import Web

/// `GET /api/partner/dashboard-stats`: the first page of the partner program (contract, section 2).
struct ShowPartnerDashboard: Endpoint {
    static let mostActivity: Int64 = 10

    struct Input: Codable, Sendable {
        let appId: AppParameter?
        /// Of what is counted, by each row's own time; the end is part of it.
        let startDate: PeriodEdge?
        let endDate: PeriodEdge?
    }

    struct Answer: JSONOutput {
        let totalApps: Int
        let totalReferrals: Int64
        let totalClicks: Int64
        let totalConversions: Int64
        /// How many, cancelled ones left out.
        let totalRewards: Int64
        let apiUsage: CallGauge
        let apiUsageChart: CallChart
        let recentActivity: [ReferralActivity]
        let alerts: [PartnerAlert]
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let (accountID, now) = (try caller.requireHolder().accountID, app.now())
        let (from, to) = (input.startDate?.begin, input.endDate?.end)
        if let from, let to, from >= to { throw Failure.invalid("startDate", "must not be after endDate") }
        return try app.store.read { db in
            let scope = try ReportScope(account: accountID, app: input.appId?.value, db)
            let counts = try CampaignReport.totals(try scope.campaigns(db), from: from, to: to, db)
            let usage = try CallUsage(of: scope, in: app, at: now, db)
            let flags = try FraudFlags.open(account: accountID, app: scope.app?.id, db)
            let latest = try Referrals.activity(account: accountID, app: scope.app?.id, limit: mostActivity, db)
            let labels = Dictionary(uniqueKeysWithValues: scope.apps.map { ($0.id, AppLabel($0)) })
            return Answer(
                totalApps: scope.apps.count,
                totalReferrals: counts.referrals,
                totalClicks: counts.clicks,
                totalConversions: counts.conversions,
                totalRewards: counts.rewards,
                apiUsage: CallGauge(usage),
                apiUsageChart: try CallChart(of: scope, days(input, today: now.day), db),
                recentActivity: try latest.map {
                    try ReferralActivity($0, labels[$0.appID] ?? AppLabel(deleted: $0.appID, db))
                },
                alerts: PartnerAlert.list(usage, scope, openFlags: flags)
            )
        }
    }

    /// Those of the chart: as many as were asked for, but 7 at least and 90 at most.
    private static func days(_ input: Input, today: Day) -> ClosedRange<Day> {
        let last = input.endDate?.day ?? today
        let asked = input.startDate.map { last.number - $0.day.number + 1 } ?? 7
        return Day(number: last.number - min(max(asked, 7), 90) + 1)...last
    }
}
