import Web

/// `GET /api/v1/keys`: the account's keys, newest first, revoked ones too.
struct ListKeys: Endpoint {
    struct Input: Codable, Sendable {
        let limit: Whole<1, 200>?
        /// `next_cursor` of the page before.
        let cursor: KeyID?
    }

    struct Answer: JSONOutput {
        let keys: [KeyView]
        /// Null on the last page.
        let nextCursor: Nullable<KeyID>

        enum CodingKeys: String, CodingKey {
            case keys
            case nextCursor = "next_cursor"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let limit = input.limit?.value ?? 50
        let now = app.now()
        return try app.store.read { db in
            // One more than is shown tells whether there is another page.
            let before = input.cursor?.value ?? .max
            let records = try APIKeys.list(of: accountID, before: before, limit: limit + 1, db)
            let shown = records.prefix(Int(limit))
            let views = try shown.map { KeyView($0, monthlyUsage: try app.monthlyCalls(of: $0, at: now, db), at: now) }
            return Answer(
                keys: views,
                nextCursor: Nullable(records.count > shown.count ? shown.last.map { KeyID($0.id) } : nil)
            )
        }
    }
}
