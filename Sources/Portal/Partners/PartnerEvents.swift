import Storage
import Web

/// Tells of what happens in the partner program, in the transaction in which it happens.
enum PartnerEvents {
    static func created(_ referral: Referral, _ campaign: Campaign, app appID: String, _ db: borrowing Database) throws
    {
        let told = ReferralPayload(
            referralId: referral.publicID,
            referralCode: referral.code,
            campaignId: campaign.publicID,
            appId: appID,
            referrerId: referral.referrerID,
            refereeId: Nullable(referral.refereeID),
            status: referral.status.rawValue,
            riskScore: Nullable(referral.status == .flagged ? referral.riskScore : nil),
            createdAt: referral.createdAt
        )
        try Webhooks.publish(
            .referralCreated,
            account: referral.accountID,
            app: referral.appID,
            data: told,
            at: referral.createdAt,
            db
        )
    }

    /// Somebody of the account should look at it.
    static func flagged(
        _ what: String,
        _ findings: Fraud.Findings,
        _ referral: Referral,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try Notifications.add(
            .fraudFlagged,
            "A \(what) was flagged",
            "By the code \(referral.code), risk score \(findings.score): "
                + findings.reasons.joined(separator: "; ") + ".",
            account: referral.accountID,
            at: now,
            db
        )
    }

    /// - Parameter count: of rewards that have become due by themselves.
    static func due(_ count: Int, of accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try Notifications.add(
            .rewardDue,
            count == 1 ? "A reward is due" : "\(count) rewards are due",
            "What your campaigns' users earned was held back long enough, and waits to be paid.",
            account: accountID,
            at: now,
            db
        )
    }

    static func clicked(_ click: ReferralClicks.Click, _ referral: Referral, _ db: borrowing Database) throws {
        let told = ReferralClickPayload(
            clickId: click.publicID,
            referralCode: referral.code,
            refereeId: Nullable(click.refereeID),
            clickedAt: click.clickedAt
        )
        try Webhooks.publish(
            .referralClicked,
            account: referral.accountID,
            app: referral.appID,
            data: told,
            at: click.clickedAt,
            db
        )
    }

    static func converted(_ conversion: Conversion, _ referral: Referral, _ db: borrowing Database) throws {
        let told = ConversionPayload(
            conversionId: conversion.publicID,
            referralId: referral.publicID,
            referralCode: referral.code,
            refereeId: conversion.refereeID,
            referrerId: conversion.referrerID,
            amount: Nullable(conversion.amount.map { Amount($0, conversion.currency) }),
            status: conversion.status.rawValue,
            convertedAt: conversion.convertedAt
        )
        try Webhooks.publish(
            .referralConverted,
            account: conversion.accountID,
            app: conversion.appID,
            data: told,
            at: conversion.convertedAt,
            db
        )
    }

    static func rewardCreated(_ reward: Reward, at now: Timestamp, _ db: borrowing Database) throws {
        try tell(.rewardCreated, reward, at: now, db)
    }

    static func rewardApproved(_ reward: Reward, at now: Timestamp, _ db: borrowing Database) throws {
        try tell(.rewardClaimed, reward, at: now, db)
    }

    static func rewardPaid(_ reward: Reward, at now: Timestamp, _ db: borrowing Database) throws {
        try tell(.rewardRedeemed, reward, at: now, db)
    }

    private static func tell(
        _ event: WebhookEvent<RewardPayload>,
        _ reward: Reward,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let names = try RewardNames.find(reward, db)
        let told = RewardPayload(
            rewardId: reward.publicID,
            campaignId: names.campaignID,
            referralId: names.referralID,
            conversionId: names.conversionID,
            userId: reward.userID,
            level: reward.level,
            amount: reward.amount(reward.amount),
            currency: reward.currency,
            type: reward.payoutType.rawValue,
            status: reward.status.rawValue,
            createdAt: reward.createdAt
        )
        try Webhooks.publish(event, account: reward.accountID, app: reward.appID, data: told, at: now, db)
    }
}
