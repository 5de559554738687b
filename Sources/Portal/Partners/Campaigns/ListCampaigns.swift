import Storage
import Web

/// `GET /api/partner/campaigns?appId`: an app's campaigns, newest first, in pages.
struct ListCampaigns: Endpoint {
    struct Input: Codable, Sendable {
        let appId: Text<0, 64>?
        let page: Whole<1, 1_000_000>?
        let limit: Whole<1, 100>?
        let status: Campaign.Status?
        /// A part of the name.
        let search: Text<0, 100>?
    }

    struct Pagination: Codable, Sendable {
        let page: Int64
        let limit: Int64
        let totalItems: Int64
        let totalPages: Int64
    }

    struct Answer: JSONOutput {
        let campaigns: [CampaignView]
        let pagination: Pagination
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        guard let appID = input.appId?.value, !appID.isEmpty else { throw Campaign.appless }
        let (page, limit) = (input.page?.value ?? 1, input.limit?.value ?? 25)
        let now = app.now()
        return try app.store.read { db in
            let owner = try Apps.require(appID, of: accountID, db)
            let currency = try Accounts.currency(of: accountID, db)
            let search = (input.search?.value ?? "").lowercased()
            // An app has at most ``Campaigns/most``.
            let found = try Campaigns.list(ofApp: owner.id, db).filter { campaign in
                (input.status == nil || campaign.status(at: now) == input.status)
                    && (search.isEmpty || campaign.terms.name.lowercased().contains(search))
            }
            let shown = found.dropFirst(Int((page - 1) * limit)).prefix(Int(limit))
            return Answer(
                campaigns: try shown.map { campaign in
                    let counts = try CampaignReport.totals([campaign.id], db)
                    let figures = CampaignFigures(counts: counts, currency: currency)
                    return CampaignView(campaign, of: owner, figures, at: now)
                },
                pagination: Pagination(
                    page: page,
                    limit: limit,
                    totalItems: Int64(found.count),
                    totalPages: (Int64(found.count) + limit - 1) / limit
                )
            )
        }
    }
}
