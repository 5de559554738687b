import Web

/// `GET /api/partner/webhooks`: all endpoints of the account, or those of one app.
struct ListPartnerWebhooks: Endpoint {
    struct Input: Codable, Sendable {
        let appId: Text<1, 64>?
    }

    struct Answer: JSONOutput {
        let webhooks: [PartnerWebhook]
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        return try app.store.read { db in
            let appID = try input.appId.map { try Apps.require($0.value, of: accountID, db).id }
            let endpoints = try WebhookEndpoints.list(of: accountID, db).filter { appID == nil || $0.appID == appID }
            return Answer(webhooks: try endpoints.map { try PartnerWebhook(WebhookView($0), db) })
        }
    }
}
