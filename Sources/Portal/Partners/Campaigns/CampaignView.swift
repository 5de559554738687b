import Web

/// A campaign as `/api/partner/campaigns` answers it, by every name that its clients know.
struct CampaignView: JSONOutput {
    struct Count: Codable, Sendable {
        let referrals: Int64
        let sameReferrals: Int64

        enum CodingKeys: String, CodingKey {
            case referrals
            case sameReferrals = "Referral"
        }
    }

    let id: String
    let appId: String
    let name: String
    let description: String
    let landingUrl: String
    /// By its dates too.
    let status: Campaign.Status
    let referralType: Campaign.ReferralType
    let rewardModel: Campaign.RewardModel
    /// In the account's currency, in points, or percents.
    let rewardValue: UnitPrice
    let rewardCap: Nullable<Amount>
    let firstTimeUserOnly: Bool
    let startDate: Nullable<PreciseTime>
    let endDate: Nullable<PreciseTime>
    /// Days.
    let conversionWindow: Nullable<Int64>
    /// Days.
    let rewardExpiration: Nullable<Int64>
    let level1Reward: Nullable<UnitPrice>
    let level2Reward: Nullable<UnitPrice>
    let level1Cap: Nullable<Amount>
    let level2Cap: Nullable<Amount>
    /// As it was sent.
    let tierConfig: Nullable<AnyJSON>
    let referralCodePrefix: String
    let referralCodeFormat: Campaign.CodeFormat
    let payoutType: Campaign.PayoutType
    let createdAt: PreciseTime
    let updatedAt: PreciseTime
    let app: AppLabel
    let sameApp: AppLabel
    let totalReferrals: Int64
    let totalClicks: Int64
    let totalConversions: Int64
    let totalRewardCost: Amount
    let count: Count

    enum CodingKeys: String, CodingKey {
        case id, appId, name, description, landingUrl, status, referralType, rewardModel, rewardValue, rewardCap
        case firstTimeUserOnly, startDate, endDate, conversionWindow, rewardExpiration
        case level1Reward, level2Reward, level1Cap, level2Cap, tierConfig
        case referralCodePrefix, referralCodeFormat, payoutType, createdAt, updatedAt, app
        case totalReferrals, totalClicks, totalConversions, totalRewardCost
        case sameApp = "App"
        case count = "_count"
    }

    init(_ campaign: Campaign, of app: CustomerApp, _ figures: CampaignFigures, at now: Timestamp) {
        let terms = campaign.terms
        let unit = terms.payoutType.unit(in: figures.currency)
        func amount(_ minor: Int64?) -> Nullable<Amount> { Nullable(minor.map { Amount(Money($0, unit)) }) }
        func time(_ moment: Timestamp?) -> Nullable<PreciseTime> { Nullable(moment.map { PreciseTime($0) }) }
        (id, appId) = (campaign.publicID, app.publicID)
        (name, description, landingUrl) = (terms.name, terms.description, terms.landingURL)
        (status, referralType, rewardModel) = (campaign.status(at: now), terms.referralType, terms.rewardModel)
        (rewardValue, rewardCap) = (UnitPrice(micros: terms.rewardMicros), amount(terms.rewardCap))
        firstTimeUserOnly = terms.isFirstTimeOnly
        (startDate, endDate) = (time(terms.startsAt), time(terms.endsAt))
        (conversionWindow, rewardExpiration) = (Nullable(terms.conversionWindow), Nullable(terms.rewardExpiration))
        level1Reward = Nullable(terms.level1Micros.map { UnitPrice(micros: $0) })
        level2Reward = Nullable(terms.level2Micros.map { UnitPrice(micros: $0) })
        (level1Cap, level2Cap) = (amount(terms.level1Cap), amount(terms.level2Cap))
        tierConfig = Nullable(terms.tierConfig.map { AnyJSON($0) })
        (referralCodePrefix, referralCodeFormat) = (terms.codePrefix, terms.codeFormat)
        payoutType = terms.payoutType
        (createdAt, updatedAt) = (PreciseTime(campaign.createdAt), PreciseTime(campaign.updatedAt))
        (self.app, sameApp) = (AppLabel(app), AppLabel(app))
        let counts = figures.counts
        (totalReferrals, totalClicks, totalConversions) = (counts.referrals, counts.clicks, counts.conversions)
        totalRewardCost = figures.rewardValue
        count = Count(referrals: counts.referrals, sameReferrals: counts.referrals)
    }
}
