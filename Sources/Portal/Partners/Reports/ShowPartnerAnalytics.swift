import Storage
import Web

/// `GET /api/partner/analytics`: what campaigns brought since they began: of every app, of one app with its campaigns,
/// or of one campaign (contract, section 2).
struct ShowPartnerAnalytics: Endpoint {
    struct Input: Codable, Sendable {
        let appId: AppParameter?
        let campaignId: AppParameter?
    }

    struct AppAnalytics: Codable, Sendable {
        let appId: String
        let appName: String
        let appTotals: CampaignTotals
        let apiUsage: CallGauge
        let campaigns: [CampaignSummary]
    }

    enum Answer: JSONOutput {
        case apps([AppAnalytics])
        case app(AppAnalytics)
        case campaign(CampaignSummary)
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let (accountID, now) = (try caller.requireHolder().accountID, app.now())
        return try app.store.read { db in
            let scope = try ReportScope(account: accountID, app: input.appId?.value, db)
            let currency = try Accounts.currency(of: accountID, db)
            if let id = input.campaignId?.value, !id.isEmpty {
                let campaign = try scope.campaign(id, db)
                let counts = try CampaignReport.totals(campaign.id, db)
                return .campaign(
                    CampaignSummary(campaign, CampaignFigures(counts, of: campaign, in: currency), at: now)
                )
            }
            let campaigns = Dictionary(grouping: try scope.campaigns(db), by: \.appID)
            let views = try scope.shown.map { shown in
                let usage = try CallUsage(of: scope.narrowed(to: shown), in: app, at: now, db)
                var (total, summaries) = (CampaignCounts.Step(), [CampaignSummary]())
                for campaign in campaigns[shown.id] ?? [] {
                    let counts = try CampaignReport.totals(campaign.id, db)
                    total += counts.asMoney(of: campaign)
                    let figures = CampaignFigures(counts, of: campaign, in: currency)
                    summaries.append(CampaignSummary(campaign, figures, at: now))
                }
                return AppAnalytics(
                    appId: shown.publicID,
                    appName: shown.name,
                    appTotals: CampaignTotals(CampaignFigures(counts: total, currency: currency)),
                    apiUsage: CallGauge(usage),
                    campaigns: summaries
                )
            }
            if scope.app != nil, let view = views.first { return .app(view) }
            return .apps(views)
        }
    }
}

extension ShowPartnerAnalytics.Answer: Codable, Documented {
    private enum Key: String, CodingKey { case apps }

    /// Which of them are there follows from what was asked for.
    static var schema: Schema {
        let parts: [Schema] = [
            .probing(ShowPartnerAnalytics.AppAnalytics.self), .probing(CampaignSummary.self),
        ]
        let apps = Schema.Property("apps", .probing([ShowPartnerAnalytics.AppAnalytics].self), isRequired: false)
        let others = parts.flatMap(\.properties).map { Schema.Property($0.name, $0.schema, isRequired: false) }
        return .object([apps] + others)
    }

    static var sample: Self { .apps([]) }

    /// Only the probe of schemas asks.
    init(from decoder: any Decoder) throws { self = .sample }

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .apps(let apps):
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(apps, forKey: .apps)
        case .app(let app): try app.encode(to: encoder)
        case .campaign(let campaign): try campaign.encode(to: encoder)
        }
    }
}
