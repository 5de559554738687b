import Storage
import Web

/// The public ids of what a reward belongs to.
struct RewardNames {
    let campaignID: String
    let campaignName: String
    let referralID: String
    let conversionID: String

    /// - Throws: ``StoreError/corrupt(_:)`` where one of them is not there, which foreign keys rule out.
    static func find(_ reward: Reward, _ db: borrowing Database) throws -> RewardNames {
        guard let campaign = try Campaigns.findEvenDeleted(id: reward.campaignID, db),
            let referral = try Referrals.find(id: reward.referralID, db),
            let conversion = try Conversions.find(id: reward.conversionID, db)
        else { throw StoreError.corrupt("reward \(reward.publicID) belongs to nothing") }
        return RewardNames(
            campaignID: campaign.publicID,
            campaignName: campaign.terms.name,
            referralID: referral.publicID,
            conversionID: conversion.publicID
        )
    }
}

/// A reward as its account's members and its app see it.
struct RewardView: Codable, Sendable {
    struct CampaignName: Codable, Sendable {
        let id: String
        let name: String
    }

    let id: String
    let campaignId: String
    let campaign: CampaignName
    let referralId: String
    let conversionId: String
    /// Whose it is, by the app's own name.
    let userId: String
    /// 1: the referrer's, 2: the referrer's referrer's, 0: the referee's.
    let level: Int64
    let amount: Amount
    /// Of the amount, by refunds, disputes and fraud.
    let takenBack: Amount
    /// What the user got of it, less what was paid out before and had to be taken back since.
    let paidOut: Amount
    /// Lower case as in ISO 4217; `pts` for points.
    let currency: String
    let type: Campaign.PayoutType
    let status: Reward.Status
    let cancelReason: Nullable<Reward.CancelReason>
    /// From then on it is due, unless it was taken back.
    let heldUntil: PreciseTime
    let expiresAt: Nullable<PreciseTime>
    let createdAt: PreciseTime
    let approvedAt: Nullable<PreciseTime>
    let paidAt: Nullable<PreciseTime>
    let cancelledAt: Nullable<PreciseTime>

    init(_ reward: Reward, _ db: borrowing Database) throws {
        let names = try RewardNames.find(reward, db)
        (id, userId, level) = (reward.publicID, reward.userID, reward.level)
        (campaignId, campaign) = (names.campaignID, CampaignName(id: names.campaignID, name: names.campaignName))
        (referralId, conversionId) = (names.referralID, names.conversionID)
        amount = reward.amount(reward.amount)
        takenBack = reward.amount(reward.takenBack)
        paidOut = reward.amount(reward.paidOut)
        (currency, type, status) = (reward.currency, reward.payoutType, reward.status)
        cancelReason = Nullable(reward.cancelReason)
        heldUntil = PreciseTime(reward.heldUntil)
        expiresAt = Nullable(reward.expiresAt.map { PreciseTime($0) })
        createdAt = PreciseTime(reward.createdAt)
        approvedAt = Nullable(reward.approvedAt.map { PreciseTime($0) })
        paidAt = Nullable(reward.paidAt.map { PreciseTime($0) })
        cancelledAt = Nullable(reward.cancelledAt.map { PreciseTime($0) })
    }
}

extension Reward {
    /// As it travels. Points have two decimals, as dollars.
    func amount(_ part: Cents) -> Amount {
        Amount(part, Currency(currency) ?? .usd)
    }
}
