import Storage
import Web

/// `GET /api/partner/fraud`: what was flagged, newest first.
struct ListFraud: Endpoint {
    struct Input: Codable, Sendable {
        let filter: FraudFilter?
        let appId: Text<0, 64>?
        let limit: Whole<1, 100>?
        let cursor: PageCursor?
    }

    struct Answer: JSONOutput {
        let flags: [FraudView]
        /// In all that was asked about.
        let openCount: Int64
        /// Null on the last page.
        let nextCursor: Nullable<PageCursor>
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        return try app.store.read { db in
            let appID = try Apps.asked(input.appId, of: accountID, db)
            let filter = FraudFlags.Filter(
                accountID: accountID,
                appID: appID,
                show: input.filter ?? .all,
                before: (input.cursor ?? .first).before
            )
            let limit = input.limit?.value ?? 50
            let found = try FraudFlags.page(filter, limit: limit + 1, db)
            let shown = found.prefix(Int(limit))
            let next = found.count > shown.count ? shown.last.map { PageCursor(after: $0.id) } : nil
            return Answer(
                flags: try shown.map { try FraudView($0, db) },
                openCount: try FraudFlags.open(account: accountID, app: appID, db),
                nextCursor: Nullable(next)
            )
        }
    }
}

/// `GET /api/admin/fraud`: the same of all accounts, for operators.
struct ListAllFraud: Endpoint {
    struct Input: Codable, Sendable {
        let filter: FraudFilter?
        let limit: Whole<1, 100>?
        let cursor: PageCursor?
    }

    struct Item: Codable, Sendable {
        let account: Int64
        let accountName: String
        let flag: FraudView
    }

    struct Answer: JSONOutput {
        let flags: [Item]
        /// Null on the last page.
        let nextCursor: Nullable<PageCursor>
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        try app.store.read { db in
            let filter = FraudFlags.Filter(show: input.filter ?? .all, before: (input.cursor ?? .first).before)
            let limit = input.limit?.value ?? 50
            let found = try FraudFlags.page(filter, limit: limit + 1, db)
            let shown = found.prefix(Int(limit))
            let next = found.count > shown.count ? shown.last.map { PageCursor(after: $0.id) } : nil
            let items = try shown.map { flag in
                let name = try Accounts.find(flag.accountID, db)?.name ?? ""
                return Item(account: flag.accountID, accountName: name, flag: try FraudView(flag, db))
            }
            return Answer(flags: items, nextCursor: Nullable(next))
        }
    }
}
