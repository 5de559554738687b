import Web

/// `POST /api/partner/webhooks`: as ``CreateWebhook``. The secret is shown here and never again.
struct CreatePartnerWebhook: Endpoint {
    struct Input: Codable, Sendable {
        /// Absent: the endpoint hears of all apps, and of the account.
        let appId: Text<1, 64>?
        let url: WebhookURL
        /// Absent: all.
        let events: EventPatterns?
        let description: Text<0, 200>?
    }

    struct Made: Codable, Sendable {
        let webhook: PartnerWebhook
        /// `whsec_…`: the key of `X-Webhook-Signature` as it stands here, and of Standard Webhooks' library.
        let secret: String
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<Made> {
        let accountID = try caller.requireHolder().accountID
        // What is wrong with the request itself is said before what it names is looked for.
        try input.url.check(app.webhooks.policy)
        let appID = try app.store.read { db in
            try input.appId.map { try Apps.require($0.value, of: accountID, db).id }
        }
        let wanted = CreateWebhook.Input(
            url: input.url,
            events: input.events,
            description: input.description,
            appID: appID.flatMap { AppID($0) }
        )
        let made = try await CreateWebhook.handle(wanted, by: caller, in: app).body
        let webhook = try app.store.read { db in
            let endpoint = try WebhookEndpoints.require(made.id, of: accountID, db)
            return try PartnerWebhook(WebhookView(endpoint), db)
        }
        return Created(Made(webhook: webhook, secret: made.secret))
    }
}
