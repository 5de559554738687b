import Web

/// `POST /api/v1/clicks` and `POST /api/v1/referrals/{code}/click`: somebody followed a code.
struct RecordClick: Endpoint {
    struct Input: Codable, Sendable {
        /// In the path, or by its longer name in the body.
        let code: Text<0, 128>?
        let referralCode: Text<0, 128>?
        let refereeId: AppUser?
    }

    struct Answer: JSONOutput {
        let success: Bool
        let clickId: String
        let referralCode: String
        let clickedAt: PreciseTime
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let appID = try caller.requireApp()
        guard let code = (input.code ?? input.referralCode)?.value, !code.isEmpty else {
            throw Failure.badRequest("referralCode is required")
        }
        let (now, visitor) = (app.now(), Visitor(caller))
        let referee = input.refereeId?.value ?? ""
        return try await app.commit(by: caller) { db in
            let referral = try Referrals.require(code: code, app: appID, db)
            app.appRequests.note(requestID: caller.requestID, campaignID: referral.campaignID)
            let click = try ReferralClicks.record(
                referral,
                refereeID: referee.isEmpty ? nil : referee,
                by: visitor,
                at: now,
                db
            )
            return Answer(
                success: true,
                clickId: click.publicID,
                referralCode: referral.code,
                clickedAt: PreciseTime(click.clickedAt)
            )
        }
    }
}
