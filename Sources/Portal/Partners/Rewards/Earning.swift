import Crypto
import Storage

/// Who earns what by a conversion that counts.
struct Earning {
    let campaign: Campaign
    let conversion: Conversion
    let referral: Referral
    /// For how long rewards are held back.
    let holdDays: Int
    let now: Timestamp

    struct Share: Sendable, Equatable {
        let level: Int64
        let user: String
        let amount: Cents
    }

    /// Makes the rewards, as of the conversion's own time.
    func make(_ db: borrowing Database) throws {
        let terms = campaign.terms
        let heldUntil = conversion.convertedAt.adding(days: holdDays)
        let isPoints = terms.payoutType == .points
        for share in try shares(db) where share.amount > .zero {
            let reward = Reward(
                id: 0,
                publicID: "rwd_\(try Random.base62(24))",
                accountID: conversion.accountID,
                appID: conversion.appID,
                campaignID: conversion.campaignID,
                referralID: conversion.referralID,
                conversionID: conversion.id,
                userID: share.user,
                level: share.level,
                amount: share.amount,
                currency: isPoints ? Reward.points : conversion.currency.code,
                payoutType: terms.payoutType,
                heldUntil: heldUntil,
                // Nobody can take it before it is due.
                expiresAt: terms.rewardExpiration.map { heldUntil.adding(seconds: $0 * 86_400) },
                createdAt: conversion.convertedAt
            )
            try RewardChange(now: now).make(reward, db)
        }
    }

    /// Nobody earns by referring themselves, nor by whom they referred referring them.
    private func shares(_ db: borrowing Database) throws -> [Share] {
        let (referrer, referee) = (conversion.referrerID, conversion.refereeID)
        guard !referral.isReferrer(referee) else { return [] }
        let terms = campaign.terms
        let amounts = RewardAmount(
            terms: terms,
            amount: conversion.amount,
            currency: conversion.currency,
            earlier: try terms.tiers.map { try Conversions.earlier(than: conversion, upTo: $0.countedUpTo, db) } ?? 0
        )
        var shares = [Share(level: 1, user: referrer, amount: amounts.ofReferrer)]
        switch terms.referralType {
        case .oneSided: break
        case .twoSided:
            if !referee.isEmpty { shares.append(Share(level: 0, user: referee, amount: amounts.ofReferrer)) }
        case .multiLevel:
            guard let second = try Conversions.referrer(of: referrer, to: campaign, db),
                !AppUser.isSame(second, referrer), !AppUser.isSame(second, referee)
            else { break }
            shares.append(Share(level: 2, user: second, amount: amounts.ofSecondLevel))
        }
        return shares
    }
}

extension RewardTiers {
    /// As many earlier conversions as make a difference.
    var countedUpTo: Int64 { tiers.last?.from ?? 0 }
}
