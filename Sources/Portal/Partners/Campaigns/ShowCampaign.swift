import Storage
import Web

/// `GET /api/partner/campaigns/{id}`: a campaign with what it brought, its latest codes and its last 30 days.
struct ShowCampaign: Endpoint {
    struct Input: Codable, Sendable {
        let id: PublicID
    }

    struct Analytics: Codable, Sendable {
        let totalReferrals: Int64
        let totalClicks: Int64
        let totalConversions: Int64
        let clickRate: Double
        let conversionRate: Double
        let totalRewardValue: Amount
        let averageReward: Amount
        /// What conversions were said to be worth.
        let revenue: Amount

        init(_ figures: CampaignFigures) {
            let counts = figures.counts
            (totalReferrals, totalClicks, totalConversions) = (counts.referrals, counts.clicks, counts.conversions)
            (clickRate, conversionRate) = (figures.clickRate, figures.conversionRate)
            (totalRewardValue, averageReward) = (figures.rewardValue, figures.averageReward)
            revenue = Amount(Cents(counts.revenue), figures.currency)
        }
    }

    struct Answer: JSONOutput {
        let campaign: CampaignView
        let analytics: Analytics
        /// The latest ten.
        let recentReferrals: [ReferralView]
        /// Thirty, oldest first.
        let dailyStats: [CampaignDayView]

        enum CodingKeys: String, CodingKey { case analytics, recentReferrals, dailyStats }

        init(_ campaign: Campaign, of app: CustomerApp, at now: Timestamp, _ db: borrowing Database) throws {
            let currency = try Accounts.currency(of: campaign.accountID, db)
            let counts = try CampaignReport.totals([campaign.id], db)
            let figures = CampaignFigures(counts: counts, currency: currency)
            self.campaign = CampaignView(campaign, of: app, figures, at: now)
            analytics = Analytics(figures)
            recentReferrals = try Referrals.recent(campaign.id, limit: 10, db)
            dailyStats = try CampaignReport.daily(campaign.id, at: now, db).map { day, counts in
                CampaignDayView(day, counts, currency)
            }
        }

        init(from decoder: any Decoder) throws {
            campaign = try CampaignView(from: decoder)
            let container = try decoder.container(keyedBy: CodingKeys.self)
            analytics = try container.decode(Analytics.self, forKey: .analytics)
            recentReferrals = try container.decode([ReferralView].self, forKey: .recentReferrals)
            dailyStats = try container.decode([CampaignDayView].self, forKey: .dailyStats)
        }

        /// One object of both: clients read the campaign's own fields beside these.
        func encode(to encoder: any Encoder) throws {
            try campaign.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(analytics, forKey: .analytics)
            try container.encode(recentReferrals, forKey: .recentReferrals)
            try container.encode(dailyStats, forKey: .dailyStats)
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try app.store.read { db in
            let campaign = try Campaigns.require(input.id.value, of: accountID, db)
            return try Answer(campaign, of: try campaign.requireApp(db), at: now, db)
        }
    }
}

extension Campaign {
    static let appless = Failure.badRequest("appId is required", code: "invalid_field")

    /// - Throws: ``Failure`` 404.
    func requireApp(_ db: borrowing Database) throws -> CustomerApp {
        guard let app = try Apps.find(id: appID, db) else { throw Failure.notFound("App not found") }
        return app
    }

    func view(of app: CustomerApp, at now: Timestamp, _ db: borrowing Database) throws -> CampaignView {
        let counts = try CampaignReport.totals([id], db)
        let figures = CampaignFigures(counts: counts, currency: try Accounts.currency(of: accountID, db))
        return CampaignView(self, of: app, figures, at: now)
    }
}
