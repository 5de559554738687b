import Storage
import Web

/// `POST /api/partner/referrals/{id}/flag`, and `…/referrals/flag` with the id in the body: a person suspects fraud,
/// so that nothing more is earned by the code until somebody has resolved it.
struct FlagReferral: Endpoint {
    struct Input: Codable, Sendable {
        let id: Text<0, 64>?
        let referralId: Text<0, 64>?
        let reason: Text<0, 500>?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> ChangedReferral {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try await app.commit(by: caller) { db in
            let referral = try Referrals.require(input.id ?? input.referralId, of: accountID, db)
            let isOpen = try FraudFlags.open(of: referral.id, db).contains { $0.conversionID == nil }
            guard !isOpen else { throw Failure.badRequest("This referral is flagged already") }
            let reason = input.reason.map { String($0.value.trimmingSpace()) } ?? ""
            let remark = reason.isEmpty ? "Flagged by hand" : reason
            let flag = try FraudFlags.raise(
                referral,
                conversionID: nil,
                rules: [],
                remark: remark,
                score: 0,
                at: now,
                db
            )
            try Referrals.set(.flagged, of: referral.id, db)
            try Audit.record(
                .fraudFlagged,
                by: caller,
                account: accountID,
                target: "referral:\(referral.publicID)",
                detail: [.init("flag", .string(flag)), .init("reason", .string(remark))],
                at: now,
                db
            )
            return try ChangedReferral(referral.id, db)
        }
    }
}

/// `POST /api/partner/referrals/{id}/resolve`, and `…/referrals/resolve` with the id in the body: settles whatever is
/// open about a referral and its conversions.
struct ResolveReferral: Endpoint {
    struct Input: Codable, Sendable {
        let id: Text<0, 64>?
        let referralId: Text<0, 64>?
        let resolution: FraudFlag.Resolution
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> ChangedReferral {
        let holder = try caller.requireHolder()
        let confirmation = Confirmation(holdDays: app.settings.rewardHoldDays, now: app.now())
        return try await app.commit(by: caller) { db in
            let referral = try Referrals.require(input.id ?? input.referralId, of: holder.accountID, db)
            let flags = try FraudFlags.open(of: referral.id, db)
            guard !flags.isEmpty else { throw Failure.badRequest("This referral is not flagged") }
            let review = Review(resolution: input.resolution, confirmation: confirmation, personID: holder.userID)
            try review.resolve(flags, of: referral, db)
            try Audit.record(
                .fraudResolved,
                by: caller,
                account: holder.accountID,
                target: "referral:\(referral.publicID)",
                detail: [.init("resolution", .string(input.resolution.rawValue))],
                at: confirmation.now,
                db
            )
            return try ChangedReferral(referral.id, db)
        }
    }
}

/// `DELETE /api/partner/referrals/{id}`, and `/api/partner/referrals?referralId=`: out of the lists, and its code works
/// no more. What was earned by it stays.
struct DeleteReferral: Endpoint {
    struct Input: Codable, Sendable {
        let id: Text<0, 64>?
        let referralId: Text<0, 64>?
    }

    struct Answer: JSONOutput {
        let success: Bool
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try await app.store.write { db in
            let referral = try Referrals.require(input.id ?? input.referralId, of: accountID, db)
            guard try Referrals.delete(referral.id, at: now, db) else { throw Failure.notFound("Referral not found") }
            try CampaignCounts.add(.init(referrals: -1), to: referral.campaignID, at: referral.createdAt, db)
            try Audit.record(
                .referralDeleted,
                by: caller,
                account: accountID,
                target: "referral:\(referral.publicID)",
                detail: [.init("code", .string(referral.code))],
                at: now,
                db
            )
            return Answer(success: true)
        }
    }
}

/// What a change of a referral answers.
struct ChangedReferral: JSONOutput {
    let success: Bool
    let referral: ReferralView

    init(_ id: Int64, _ db: borrowing Database) throws {
        guard let referral = try Referrals.find(id: id, db) else { throw Failure.notFound("Referral not found") }
        (success, self.referral) = (true, try ReferralView(referral, db))
    }
}

extension Referrals {
    /// - Throws: ``Failure`` 404, for another account's too.
    static func require(
        _ publicID: Text<0, 64>?,
        of accountID: Int64,
        _ db: borrowing Database
    ) throws -> Referral {
        guard let publicID = publicID?.value, !publicID.isEmpty else {
            throw Failure.invalid("referralId", "is required")
        }
        guard let referral = try find(publicID, of: accountID, db) else {
            throw Failure.notFound("Referral not found")
        }
        return referral
    }
}
