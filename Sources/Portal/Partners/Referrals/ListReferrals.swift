import Web

/// `GET /api/partner/referrals`: codes, newest first.
struct ListReferrals: Endpoint {
    struct Input: Codable, Sendable {
        let appId: Text<0, 64>?
        let campaignId: Text<0, 64>?
        let status: Referral.Status?
        let limit: Whole<1, 100>?
        let cursor: PageCursor?
    }

    struct Answer: JSONOutput {
        let referrals: [ReferralView]
        /// Null on the last page.
        let nextCursor: Nullable<PageCursor>
    }

    /// - Throws: ``Failure`` 404 for an app or a campaign that is not the account's.
    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let limit = input.limit?.value ?? 50
        return try app.store.read { db in
            let filter = Referrals.Filter(
                accountID: accountID,
                appID: try Apps.asked(input.appId, of: accountID, db),
                campaignID: try Campaigns.asked(input.campaignId, of: accountID, db),
                status: input.status,
                before: (input.cursor ?? .first).before
            )
            // One more than is shown tells whether there is another page.
            let found = try Referrals.page(filter, limit: limit + 1, db)
            let shown = found.prefix(Int(limit))
            let next = found.count > shown.count ? shown.last.map { PageCursor(after: $0.id) } : nil
            return Answer(referrals: try shown.map { try ReferralView($0, db) }, nextCursor: Nullable(next))
        }
    }
}
