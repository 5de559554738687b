import Web

/// `GET /api/v1/webhooks`: the account's endpoints, oldest first; there are fifty at most.
struct ListWebhooks: Endpoint {
    struct Answer: JSONOutput {
        let data: [WebhookView]
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        return try app.store.read { db in
            Answer(data: try WebhookEndpoints.list(of: accountID, db).map { WebhookView($0) })
        }
    }
}
