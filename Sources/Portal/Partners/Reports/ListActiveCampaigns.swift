import Storage
import Web

/// `GET /api/partner/active-campaigns`: the newest campaigns that run now, with what they brought (contract, section
/// 2).
struct ListActiveCampaigns: Endpoint {
    static let most = 5

    struct Input: Codable, Sendable {
        let appId: AppParameter?
    }

    struct Item: Codable, Sendable {
        let id: String
        let name: String
        let status: Campaign.Status
        let totalReferrals: Int64
        let totalRewardCost: Amount
        /// Under both names that clients read.
        let upperApp: AppLabel
        let app: AppLabel

        enum CodingKeys: String, CodingKey {
            case id, name, status, totalReferrals, totalRewardCost, app
            case upperApp = "App"
        }
    }

    struct Answer: JSONOutput {
        let campaigns: [Item]
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let (accountID, now) = (try caller.requireHolder().accountID, app.now())
        return try app.store.read { db in
            let scope = try ReportScope(account: accountID, app: input.appId?.value, db)
            let currency = try Accounts.currency(of: accountID, db)
            let labels = Dictionary(uniqueKeysWithValues: scope.shown.map { ($0.id, AppLabel($0)) })
            let running = try scope.campaigns(db).filter { $0.status(at: now) == .active && labels[$0.appID] != nil }
            let newest = running.sorted { $0.id > $1.id }.prefix(most)
            return Answer(
                campaigns: try newest.compactMap { campaign in
                    guard let label = labels[campaign.appID] else { return nil }
                    let counts = try CampaignReport.totals(campaign.id, db)
                    return Item(
                        id: campaign.publicID,
                        name: campaign.terms.name,
                        status: .active,
                        totalReferrals: counts.referrals,
                        totalRewardCost: CampaignFigures(counts, of: campaign, in: currency).rewardValue,
                        upperApp: label,
                        app: label
                    )
                }
            )
        }
    }
}
