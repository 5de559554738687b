import Web

/// `DELETE /api/partner/apps/{id}`: its keys work no more from the answer on, and its campaigns are gone. What was
/// earned stays owed.
struct DeleteApp: Endpoint {
    static func handle(_ input: ShowApp.Input, by caller: Caller, in app: App) async throws -> Succeeded {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        try await app.store.write { db in
            let old = try Apps.require(input.id.value, of: accountID, db)
            for key in try APIKeys.unrevoked(ofApp: old.id, db) {
                try RevokeKey.revoke(key, by: caller, at: now, db)
            }
            try Campaigns.delete(ofApp: old.id, at: now, db)
            try Apps.delete(old.id, at: now, db)
            try old.record(.appDeleted, by: caller, at: now, db)
        }
        return Succeeded()
    }
}

/// `{"success":true}`.
struct Succeeded: JSONOutput {
    var success = true
}
