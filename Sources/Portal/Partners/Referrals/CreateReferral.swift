import Storage
import Web

/// `POST /api/v1/referrals`: a code for somebody who refers others.
struct CreateReferral: Endpoint {
    struct Input: Codable, Sendable {
        let campaignId: Text<0, 64>?
        let referrerId: AppUser?
        /// For whom the code is made, where that is known.
        let refereeId: AppUser?
        /// Of these two codes are made, where the campaign says so.
        let referrerUsername: Text<0, 255>?
        let referrerEmail: Text<0, 254>?
    }

    struct Made: Codable, Sendable {
        let referralCode: String
        let referralId: String
        /// `PENDING` or `FLAGGED`.
        let status: Referral.Status
        var warning: String?
        var reasons: [String]?
        var riskScore: Int64?
    }

    static let warning = "This referral looks unusual and earns nothing until it has been reviewed"

    /// - Throws: ``Failure`` 400, 403 and 404 with the sentences that clients read.
    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<Made> {
        let appID = try caller.requireApp()
        guard let campaignID = input.campaignId?.value, !campaignID.isEmpty, let referrer = input.referrerId?.value,
            !referrer.isEmpty
        else { throw Failure.badRequest("campaignId and referrerId are required") }
        let (now, visitor) = (app.now(), Visitor(caller))
        return try await app.commit(by: caller) { db in
            guard let campaign = try Campaigns.find(campaignID, db) else {
                throw Failure.notFound("Campaign not found")
            }
            guard campaign.appID == appID, let owner = try Apps.find(id: appID, db) else {
                throw Failure.forbidden("Campaign does not belong to this app")
            }
            app.appRequests.note(requestID: caller.requestID, campaignID: campaign.id)
            try campaign.requireOpen(at: now)
            let username = input.referrerUsername.flatMap { given($0.value) }
            let email = input.referrerEmail.flatMap { given($0.value) }
            let referee = input.refereeId.flatMap { given($0.value) }
            let score = Fraud.CodeScore(
                appID: appID,
                referrerID: referrer,
                refereeID: referee,
                names: [referrer, username, email].compactMap { $0 },
                visitor: visitor,
                rules: Fraud.Rules(owner.fraudRules),
                now: now
            )
            let code = try ReferralCode.make(for: campaign, referrer: referrer, username: username, email: email, db)
            let new = Referrals.New(
                campaign: campaign,
                code: code,
                referrerID: referrer,
                refereeID: referee,
                username: username,
                email: email,
                visitor: visitor,
                findings: try score.find(db),
                createdAt: now
            )
            return Created(Made(try new.make(app: owner.publicID, db), new.findings))
        }
    }

    private static func given(_ text: String) -> String? {
        let text = String(text.trimmingSpace())
        return text.isEmpty ? nil : text
    }
}

extension CreateReferral.Made {
    fileprivate init(_ referral: Referral, _ findings: Fraud.Findings) {
        (referralCode, referralId, status) = (referral.code, referral.publicID, referral.status)
        guard findings.isFlagged else { return }
        (warning, reasons, riskScore) = (CreateReferral.warning, findings.reasons, findings.score)
    }
}

extension Referrals.New {
    /// The row, and all that follows from it.
    func make(app appID: String, _ db: borrowing Database) throws -> Referral {
        let referral = try Referrals.insert(self, db)
        try CampaignCounts.add(.init(referrals: 1), to: campaign.id, at: createdAt, db)
        if findings.isFlagged {
            try FraudFlags.raise(
                referral,
                conversionID: nil,
                rules: findings.rules,
                score: findings.score,
                at: createdAt,
                db
            )
            try PartnerEvents.flagged("referral", findings, referral, at: createdAt, db)
        }
        try PartnerEvents.created(referral, campaign, app: appID, db)
        return referral
    }
}

extension Caller {
    /// The app whose key was let in.
    /// - Throws: ``Failure`` 401.
    func requireApp() throws -> Int64 {
        guard let appID else { throw Failure.unauthorized("Invalid API key", code: "invalid_key") }
        return appID
    }
}
