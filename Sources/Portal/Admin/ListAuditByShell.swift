import Web

/// `purser audit list`: entries of all accounts, or of one, newest first.
struct ListAuditByShell: Endpoint {
    struct Input: Codable, Sendable {
        let account: Text<1, 254>?
        let after: Int64?
        let limit: Whole<1, 500>?
        let action: Text<0, 64>?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> AuditPage {
        let account = try app.store.read { db in try input.account.map { try Accounts.require($0.value, db) } }
        let query = AuditQuery(
            after: input.after,
            limit: input.limit,
            action: input.action,
            actor: nil,
            from: nil,
            to: nil
        )
        return try AuditPage.find(query, account: account, in: app)
    }
}
