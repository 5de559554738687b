import Web

/// `GET /api/v1/webhooks/{id}`.
struct ShowWebhook: Endpoint {
    static func handle(_ input: WebhookInput, by caller: Caller, in app: App) async throws -> WebhookView {
        let accountID = try caller.requireHolder().accountID
        return try app.store.read { db in
            WebhookView(try WebhookEndpoints.require(input.id.value, of: accountID, db))
        }
    }
}
