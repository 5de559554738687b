import Storage
import Web

/// `GET /api/v1/stats`, also without `/api`: what the calling app's campaigns brought, or one of them (contract,
/// section 2).
struct ShowAppStats: Endpoint {
    struct Input: Codable, Sendable {
        let campaignId: AppParameter?
    }

    struct Answer: JSONOutput {
        let totalReferrals: Int64
        let totalClicks: Int64
        let totalConversions: Int64
        let conversionRate: Double
        let totalRewardValue: Amount
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let appID = try caller.requireApp()
        return try app.store.read { db in
            let currency = try Accounts.currency(of: accountID, db)
            let figures: CampaignFigures
            if let id = input.campaignId?.value, !id.isEmpty {
                guard let found = try Campaigns.find(id, db), found.appID == appID else {
                    throw Failure.notFound("Campaign not found")
                }
                app.appRequests.note(requestID: caller.requestID, campaignID: found.id)
                figures = CampaignFigures(try CampaignReport.totals(found.id, db), of: found, in: currency)
            } else {
                let counts = try CampaignReport.totals(try Campaigns.list(ofApp: appID, db), db)
                figures = CampaignFigures(counts: counts, currency: currency)
            }
            return Answer(
                totalReferrals: figures.counts.referrals,
                totalClicks: figures.counts.clicks,
                totalConversions: figures.counts.conversions,
                conversionRate: figures.conversionRate,
                totalRewardValue: figures.rewardValue
            )
        }
    }
}
