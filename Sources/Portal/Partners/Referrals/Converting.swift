import Storage
import Web

/// A conversion as an app tells of it, on its way to counting: everything is decided in one transaction.
struct Converting: Sendable {
    let code: String
    /// Nil: the client knows of none, so it is looked for.
    let refereeID: String?
    let amount: ConversionAmount?
    let metadata: JSONValue?
    let visitor: Visitor
    let appID: Int64
    let holdDays: Int
    let now: Timestamp

    static let mostMetadata = 16 << 10
    /// Under which of its names the metadata tell of the payment.
    private static let paymentNames = ["paymentId", "payment_id", "payment_intent", "charge"]

    struct Outcome: Sendable {
        let conversion: Conversion
        let referral: Referral
        let findings: Fraud.Findings
        /// The referrer's; nil where nothing was earned, or not yet.
        let reward: Reward?
    }

    /// - Throws: ``Failure`` 400 and 404 with the sentences that clients read.
    func record(_ db: borrowing Database) throws -> Outcome {
        let referral = try Referrals.require(code: code, app: appID, db)
        guard let campaign = try Campaigns.find(id: referral.campaignID, db),
            let owner = try Apps.find(id: appID, db)
        else { throw Failure.badRequest("Campaign is not active") }
        try campaign.requireOpen(at: now)
        try requireWindow(campaign, referral)
        let referee = try self.referee(referral, db)
        guard try !Conversions.has(referral.id, refereeID: referee, db) else { throw Self.again }
        if campaign.terms.isFirstTimeOnly, !referee.isEmpty, try Conversions.has(app: appID, refereeID: referee, db) {
            throw Failure.badRequest("This campaign is for first-time users only")
        }
        let score = Fraud.ConversionScore(
            referral: referral,
            refereeID: referee,
            visitor: visitor,
            rules: Fraud.Rules(owner.fraudRules),
            now: now
        )
        let findings = try score.find(db)
        let isFlagged = findings.isFlagged || referral.status == .flagged
        let currency = try Accounts.currency(of: referral.accountID, db)
        let new = Conversions.New(
            referral: referral,
            refereeID: referee,
            amount: try amount?.minor(currency),
            currency: currency,
            metadata: try storedMetadata(),
            paymentID: Self.paymentNames.lazy.compactMap { metadata?[$0]?.string }.first { $0.utf8.count <= 255 },
            visitor: visitor,
            status: isFlagged ? .flagged : .converted,
            riskScore: findings.score,
            convertedAt: now
        )
        guard let conversion = try Conversions.insert(new, db) else { throw Self.again }
        try follow(conversion, referral, campaign, findings, db)
        let reward = try Rewards.list(of: conversion.id, db).first { $0.level == 1 && $0.status != .cancelled }
        return Outcome(conversion: conversion, referral: referral, findings: findings, reward: reward)
    }

    private static var again: Failure { .badRequest("This user has already converted with this referral code") }

    private func follow(
        _ conversion: Conversion,
        _ referral: Referral,
        _ campaign: Campaign,
        _ findings: Fraud.Findings,
        _ db: borrowing Database
    ) throws {
        if findings.isFlagged {
            try FraudFlags.raise(
                referral,
                conversionID: conversion.id,
                rules: findings.rules,
                score: findings.score,
                at: now,
                db
            )
            try PartnerEvents.flagged("conversion", findings, referral, at: now, db)
        }
        try PartnerEvents.converted(conversion, referral, db)
        guard conversion.status == .converted else { return }
        try Confirmation(holdDays: holdDays, now: now).confirm(conversion, referral, campaign, db)
    }

    private func requireWindow(_ campaign: Campaign, _ referral: Referral) throws {
        guard let days = campaign.terms.conversionWindow else { return }
        let begin = referral.clickedAt ?? referral.createdAt
        // Days by division, since a window may be longer than time.
        guard (now.milliseconds - begin.milliseconds - 1) / 86_400_000 < days else {
            throw Failure.badRequest("Conversion window has expired")
        }
    }

    /// - Returns: empty where nobody ever told.
    private func referee(_ referral: Referral, _ db: borrowing Database) throws -> String {
        if let refereeID, !refereeID.isEmpty { return refereeID }
        if let known = referral.refereeID { return known }
        if let clicked = try ReferralClicks.lastReferee(of: referral.id, db) { return clicked }
        guard let told = metadata?["refereeId"] else { return "" }
        return try InputDecoder.decode(AppUser.self, from: told).value
    }

    private func storedMetadata() throws -> String? {
        guard let metadata, metadata != .null else { return nil }
        let text = try StoredJSON.text(metadata)
        guard text.utf8.count <= Self.mostMetadata else {
            throw Failure.invalid("metadata", "must be at most 16 KB")
        }
        return text
    }
}
