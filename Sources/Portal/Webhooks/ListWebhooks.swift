import Web

/// `GET /api/v1/webhooks`: the account's endpoints and its apps', or one app's alone, oldest first.
struct ListWebhooks: Endpoint {
    struct Input: Codable, Sendable {
        let appID: AppID?

        enum CodingKeys: String, CodingKey {
            case appID = "app_id"
        }
    }

    struct Answer: JSONOutput {
        let data: [WebhookView]
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        return try app.store.read { db in
            let endpoints = try WebhookEndpoints.list(of: accountID, db)
            let shown = endpoints.filter { input.appID == nil || $0.appID == input.appID?.value }
            return Answer(data: shown.map { WebhookView($0) })
        }
    }
}
