import Web

/// What campaigns brought, as the partner program's pages show it.
struct CampaignFigures: Sendable {
    let counts: CampaignCounts.Step
    let currency: Currency

    /// Clicks for a hundred codes, to two decimals; 0 without any code.
    var clickRate: Double { Percent.of(counts.clicks, in: counts.referrals) }
    /// Percent of the clicks, to two decimals; 0 without any click.
    var conversionRate: Double { Percent.of(counts.conversions, in: counts.clicks) }
    var rewardValue: Amount { Amount(Cents(counts.rewardAmount), currency) }

    /// To the minor unit, halves up; 0 without any reward.
    var averageReward: Amount {
        let count = counts.rewards
        guard count > 0 else { return Amount(.zero, currency) }
        let (whole, rest) = counts.rewardAmount.quotientAndRemainder(dividingBy: count)
        return Amount(Cents(rest >= count - rest ? whole + 1 : whole), currency)
    }
}

extension CampaignFigures {
    /// One campaign's own, in money or in points.
    init(_ counts: CampaignCounts.Step, of campaign: Campaign, in currency: Currency) {
        self.init(counts: counts, currency: campaign.terms.payoutType.unit(in: currency))
    }
}

extension CampaignCounts.Step {
    /// Points are no money: without them.
    func asMoney(of campaign: Campaign) -> Self {
        var money = self
        if campaign.terms.payoutType == .points { money.rewardAmount = 0 }
        return money
    }
}

/// Six figures of an app's campaigns together.
struct CampaignTotals: Codable, Sendable {
    let totalReferrals: Int64
    let totalClicks: Int64
    let totalConversions: Int64
    let totalRewardValue: Amount
    let clickRate: Double
    let conversionRate: Double

    init(_ figures: CampaignFigures) {
        (totalReferrals, totalClicks) = (figures.counts.referrals, figures.counts.clicks)
        (totalConversions, totalRewardValue) = (figures.counts.conversions, figures.rewardValue)
        (clickRate, conversionRate) = (figures.clickRate, figures.conversionRate)
    }
}

/// One campaign's.
struct CampaignSummary: Codable, Sendable {
    let campaignId: String
    let campaignName: String
    let status: Campaign.Status
    let totalReferrals: Int64
    let totalClicks: Int64
    let totalConversions: Int64
    let clickRate: Double
    let conversionRate: Double
    let totalRewardValue: Amount
    let averageReward: Amount

    init(_ campaign: Campaign, _ figures: CampaignFigures, at now: Timestamp) {
        (campaignId, campaignName) = (campaign.publicID, campaign.terms.name)
        status = campaign.status(at: now)
        (totalReferrals, totalClicks) = (figures.counts.referrals, figures.counts.clicks)
        (totalConversions, totalRewardValue) = (figures.counts.conversions, figures.rewardValue)
        (clickRate, conversionRate) = (figures.clickRate, figures.conversionRate)
        averageReward = figures.averageReward
    }
}

/// What a campaign brought on one day.
struct CampaignDayView: Codable, Sendable {
    let date: Day
    let referrals: Int64
    let clicks: Int64
    let conversions: Int64
    let rewardValue: Amount

    init(_ day: Day, _ counts: CampaignCounts.Step, _ currency: Currency) {
        date = day
        (referrals, clicks, conversions) = (counts.referrals, counts.clicks, counts.conversions)
        rewardValue = Amount(Cents(counts.rewardAmount), currency)
    }
}
