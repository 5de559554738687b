import Web

/// `POST /api/partner/fraud/{id}/resolve`, and `/api/partner/fraud/resolve` with the id in the body: somebody has
/// looked at one flag.
struct ResolveFlag: Endpoint {
    struct Input: Codable, Sendable {
        let id: Text<0, 64>?
        let flagId: Text<0, 64>?
        let resolution: FraudFlag.Resolution
    }

    struct Answer: JSONOutput {
        let success: Bool
        let flag: FraudView
    }

    /// - Throws: ``Failure`` 404; 400 for one that was resolved before.
    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let holder = try caller.requireHolder()
        let confirmation = Confirmation(holdDays: app.settings.rewardHoldDays, now: app.now())
        guard let id = (input.id ?? input.flagId)?.value, !id.isEmpty else {
            throw Failure.invalid("flagId", "is required")
        }
        return try await app.commit(by: caller) { db in
            guard let flag = try FraudFlags.find(id, of: holder.accountID, db),
                let referral = try Referrals.find(id: flag.referralID, db)
            else { throw Failure.notFound("Fraud flag not found") }
            guard flag.resolvedAt == nil else { throw Failure.badRequest("This flag is resolved already") }
            let review = Review(resolution: input.resolution, confirmation: confirmation, personID: holder.userID)
            try review.resolve([flag], of: referral, db)
            try Audit.record(
                .fraudResolved,
                by: caller,
                account: holder.accountID,
                target: "flag:\(flag.publicID)",
                detail: [.init("resolution", .string(input.resolution.rawValue))],
                at: confirmation.now,
                db
            )
            let resolved = try FraudFlags.find(id, of: holder.accountID, db) ?? flag
            return Answer(success: true, flag: try FraudView(resolved, db))
        }
    }
}
