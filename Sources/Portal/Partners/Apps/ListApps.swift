import Web

/// `GET /api/partner/apps`: the account's apps, newest first. A bare list, as the dashboards of old clients read it.
struct ListApps: Endpoint {
    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Listed<AppView> {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try app.store.read { db in
            Listed(try Apps.list(of: accountID, db).map { try AppView($0, in: app, at: now, db) })
        }
    }
}

/// `GET /api/partner/apps/{id}`.
struct ShowApp: Endpoint {
    struct Input: Codable, Sendable {
        let id: PublicID
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> AppView {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try app.store.read { db in
            try AppView(Apps.require(input.id.value, of: accountID, db), in: app, at: now, db)
        }
    }
}
