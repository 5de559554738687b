import Web

/// `DELETE /api/v1/keys/{key_id}`: revokes a key for good. The first request after the answer is refused.
struct EndKey: Endpoint {
    typealias Input = ShowKey.Input

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> KeyView {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try await app.store.write { db in
            let record = try APIKeys.require(input.keyID, of: accountID, db)
            if try APIKeys.revoke(record.id, at: now, db) {
                try KeyNews(record).tell(.keyRevoked, by: caller, at: now, db)
            }
            let revoked = try APIKeys.require(input.keyID, of: accountID, db)
            return KeyView(revoked, monthlyUsage: try app.monthlyCalls(of: revoked, at: now, db), at: now)
        }
    }
}
