import Storage
import Web

/// `GET /api/partner/usage-stats`: the calls of the month, by day, endpoint and category, and the latest one by one
/// (contract, section 2). With an app everything is that app's.
struct ShowPartnerUsage: Endpoint {
    static let historyDays = 30
    static let mostEndpoints = 10
    static let mostLogs: Int64 = 50

    struct Input: Codable, Sendable {
        let appId: AppParameter?
    }

    struct Daily: Codable, Sendable {
        /// As `Jan 5`.
        let date: String
        let calls: Int64
    }

    struct Usage: Codable, Sendable {
        let current: Int64
        /// 0: there is none.
        let limit: Int64
        let overage: Int64
        let estimatedCost: Dollars
        /// The last 30 UTC days, oldest first, zeros included.
        let dailyUsage: [Daily]
    }

    struct EndpointShare: Codable, Sendable {
        let endpoint: String
        let count: Int64
        /// As `52.6`.
        let percentage: String
    }

    struct CategoryShare: Codable, Sendable {
        let category: String
        let count: Int64
        let percentage: String
    }

    /// Of the month, refusals by a limit left out.
    struct Breakdown: Codable, Sendable {
        let byEndpoint: [EndpointShare]
        let byCategory: [CategoryShare]

        init(_ parts: [CallReport.Part]) {
            let total = parts.reduce(0) { $0 + $1.calls }
            byEndpoint = parts.prefix(mostEndpoints).map {
                EndpointShare(endpoint: $0.endpoint, count: $0.calls, percentage: Self.share($0.calls, of: total))
            }
            var counts: [String: Int64] = [:]
            for part in parts { counts[Self.name(of: part.category), default: 0] += part.calls }
            byCategory = Self.names.map { name in
                let count = counts[name] ?? 0
                return CategoryShare(category: name, count: count, percentage: Self.share(count, of: total))
            }
        }

        private static let names = ["Referrals API", "Analytics API", "Webhooks", "Other"]

        private static func name(of category: String) -> String {
            switch Category(rawValue: category) {
            case .referrals: names[0]
            case .analytics: names[1]
            case .webhooks: names[2]
            default: names[3]
            }
        }

        private static func share(_ part: Int64, of whole: Int64) -> String {
            let tenths = whole == 0 ? 0 : Int((Double(part) / Double(whole) * 1000).rounded())
            return "\(tenths / 10).\(tenths % 10)"
        }
    }

    struct Log: Codable, Sendable {
        let id: String
        let endpoint: String
        let timestamp: PreciseTime
        let ipAddress: String
        /// Of the answer, as `200`.
        let status: String
    }

    /// Since the first campaign began.
    struct ReferralStats: Codable, Sendable {
        let totalReferrals: Int64
        let totalClicks: Int64
        let totalConversions: Int64
        let totalRewards: Int64
        let clickRate: Double
        let conversionRate: Double
    }

    struct Answer: JSONOutput {
        let apiUsage: Usage
        let endpointBreakdown: Breakdown
        let recentLogs: [Log]
        /// Null for one app.
        let referralStats: Nullable<ReferralStats>
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let (accountID, now) = (try caller.requireHolder().accountID, app.now())
        return try app.store.read { db in
            let scope = try ReportScope(account: accountID, app: input.appId?.value, db)
            let month = now.month.firstDay...now.day
            let logs = try AppRequests.latest(account: accountID, app: scope.app?.id, limit: mostLogs, db)
            return Answer(
                apiUsage: try usage(scope, app, at: now, db),
                endpointBreakdown: Breakdown(
                    try CallReport.endpoints(of: accountID, app: scope.app?.id, month, db)
                ),
                recentLogs: logs.map { log in
                    Log(
                        id: "\(log.id)",
                        endpoint: log.endpoint,
                        timestamp: PreciseTime(log.requestedAt),
                        ipAddress: log.address,
                        status: "\(log.status)"
                    )
                },
                referralStats: Nullable(scope.app == nil ? try referralStats(scope, db) : nil)
            )
        }
    }

    private static func usage(
        _ scope: ReportScope,
        _ app: App,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Usage {
        let usage = try CallUsage(of: scope, in: app, at: now, db)
        let first = Day(number: now.day.number - historyDays + 1)
        let daily: [Day: Int64]
        if let one = scope.app {
            daily = try CallReport.daily(of: scope.accountID, first...now.day, db)[one.id] ?? [:]
        } else {
            daily = try app.dailyCalls(ofAccount: scope.accountID, since: first, at: now, db)
        }
        return Usage(
            current: usage.used,
            limit: usage.limit ?? 0,
            overage: usage.overage,
            estimatedCost: usage.estimatedCost,
            dailyUsage: (first.number...now.day.number).map { number in
                let day = Day(number: number)
                return Daily(date: day.shortText, calls: daily[day] ?? 0)
            }
        )
    }

    private static func referralStats(_ scope: ReportScope, _ db: borrowing Database) throws -> ReferralStats {
        let figures = CampaignFigures(
            counts: try CampaignReport.totals(try scope.campaigns(db), db),
            currency: try Accounts.currency(of: scope.accountID, db)
        )
        return ReferralStats(
            totalReferrals: figures.counts.referrals,
            totalClicks: figures.counts.clicks,
            totalConversions: figures.counts.conversions,
            totalRewards: figures.counts.rewards,
            clickRate: figures.clickRate,
            conversionRate: figures.conversionRate
        )
    }
}
