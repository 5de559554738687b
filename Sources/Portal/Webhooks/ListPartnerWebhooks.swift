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
        let (appID, names) = try app.store.read { db in
            (
                try input.appId.map { try PartnerWebhook.app($0.value, of: accountID, db) },
                try Apps.names(of: accountID, db)
            )
        }
        let found = try await ListWebhooks.handle(ListWebhooks.Input(appID: appID), by: caller, in: app)
        return Answer(webhooks: found.data.map { PartnerWebhook($0, names) })
    }
}
