import Web

/// `DELETE /api/partner/apps/{id}`: its keys work no more from the answer on, its campaigns are gone, and its webhooks
/// are told nothing more. What was earned stays owed.
struct DeleteApp: Endpoint {
    static func handle(_ input: ShowApp.Input, by caller: Caller, in app: App) async throws -> Succeeded {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        let endpoints = try await app.store.write { db in
            let old = try Apps.require(input.id.value, of: accountID, db)
            for key in try APIKeys.unrevoked(ofApp: old.id, db) {
                try RevokeKey.revoke(key, by: caller, at: now, db)
            }
            try Campaigns.delete(ofApp: old.id, at: now, db)
            try Apps.delete(old.id, at: now, db)
            try old.record(.appDeleted, by: caller, at: now, db)
            return try WebhookEndpoints.delete(ofApp: old.id, db)
        }
        for endpoint in endpoints { app.webhooks.heedChange(of: endpoint) }
        return Succeeded()
    }
}

/// `{"success":true}`.
struct Succeeded: JSONOutput {
    var success = true
}
