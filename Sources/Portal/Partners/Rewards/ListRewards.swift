import Storage
import Web

/// `GET /api/partner/rewards`: what users earned, newest first.
struct ListRewards: Endpoint {
    struct Input: Codable, Sendable {
        let appId: Text<0, 64>?
        let campaignId: Text<0, 64>?
        let userId: AppUser?
        let status: Reward.Status?
        let limit: Whole<1, 100>?
        let cursor: PageCursor?
    }

    struct Answer: JSONOutput {
        let rewards: [RewardView]
        /// Null on the last page.
        let nextCursor: Nullable<PageCursor>

        init(_ filter: Rewards.Filter, limit: Int64, _ db: borrowing Database) throws {
            // One more than is shown tells whether there is another page.
            let found = try Rewards.page(filter, limit: limit + 1, db)
            let shown = found.prefix(Int(limit))
            let next = found.count > shown.count ? shown.last.map { PageCursor(after: $0.id) } : nil
            (rewards, nextCursor) = (try shown.map { try RewardView($0, db) }, Nullable(next))
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        return try app.store.read { db in
            let filter = Rewards.Filter(
                accountID: accountID,
                appID: try Apps.asked(input.appId, of: accountID, db),
                campaignID: try Campaigns.asked(input.campaignId, of: accountID, db),
                userID: input.userId.flatMap { $0.value.isEmpty ? nil : $0.value },
                status: input.status,
                before: (input.cursor ?? .first).before
            )
            return try Answer(filter, limit: input.limit?.value ?? 50, db)
        }
    }
}

/// `GET /api/v1/rewards`: the same for an app, of one of its users or of all.
struct ListAppRewards: Endpoint {
    struct Input: Codable, Sendable {
        let userId: AppUser?
        let status: Reward.Status?
        let limit: Whole<1, 100>?
        let cursor: PageCursor?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> ListRewards.Answer {
        let appID = try caller.requireApp()
        let filter = Rewards.Filter(
            accountID: try caller.requireHolder().accountID,
            appID: appID,
            userID: input.userId.flatMap { $0.value.isEmpty ? nil : $0.value },
            status: input.status,
            before: (input.cursor ?? .first).before
        )
        return try app.store.read { db in try ListRewards.Answer(filter, limit: input.limit?.value ?? 50, db) }
    }
}
