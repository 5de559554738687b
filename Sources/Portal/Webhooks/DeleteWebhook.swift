import Web

/// `DELETE /api/v1/webhooks/{id}`: nothing is sent there any more, what waits neither.
struct DeleteWebhook: Endpoint {
    struct Answer: JSONOutput {
        let deleted: Bool
    }

    static func handle(_ input: WebhookInput, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        let id = try await app.store.write { db in
            let endpoint = try WebhookEndpoints.require(input.id.value, of: accountID, db)
            try WebhookEndpoints.delete(endpoint, db)
            let target = "webhook:\(endpoint.publicID)"
            try Audit.record(.webhookDeleted, by: caller, account: accountID, target: target, at: now, db)
            return endpoint.id
        }
        app.webhooks.heedChange(of: id)
        return Answer(deleted: true)
    }
}
