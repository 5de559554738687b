import Web

/// `GET /api/v1/usage/events` by key, `GET /api/v1/me/usage/events` by session: the account's uses, newest first.
struct ListUsageEvents: Endpoint {
    struct Input: Codable, Sendable {
        let limit: Whole<1, 100>?
        /// `next_cursor` of the page before.
        let cursor: Text<1, 40>?
    }

    struct Answer: JSONOutput {
        let data: [UsageEventView]
        /// Null on the last page.
        let nextCursor: Nullable<String>

        enum CodingKeys: String, CodingKey {
            case data
            case nextCursor = "next_cursor"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let limit = Int(input.limit?.value ?? 25)
        let cursor = try input.cursor.map { text in
            guard let position = UsageEvents.Position(text.value) else {
                throw Failure.invalid("cursor", "must be a next_cursor of this list")
            }
            return position
        }
        return try app.store.read { db in
            let found = try UsageEvents.list(of: accountID, before: cursor, limit: limit + 1, db)
            let page = found.prefix(limit)
            let next = found.count > limit ? page.last.map { UsageEvents.Position($0).text } : nil
            return Answer(data: try page.map { try UsageEventView($0, db) }, nextCursor: Nullable(next))
        }
    }
}

/// `GET /api/v1/me/usage/events/{id}`: one use and what was put right about it.
struct ShowUsageEvent: Endpoint {
    struct Input: Codable, Sendable {
        let id: Int64
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> UsageEventView {
        let accountID = try caller.requireHolder().accountID
        return try app.store.read { db in
            guard let event = try UsageEvents.find(input.id, db), event.accountID == accountID else {
                throw Failure.notFound("Usage event not found")
            }
            return try UsageEventView(event, db)
        }
    }
}
