import Web

/// `PATCH /api/v1/webhooks/{id}`: what is given changes. `status` disables it, or makes it active again.
struct ChangeWebhook: Endpoint {
    struct Input: Codable, Sendable {
        let id: Text<1, 64>
        let url: WebhookURL?
        let events: EventPatterns?
        let description: Text<0, 200>?
        let status: WebhookEndpoints.Status?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> WebhookView {
        let accountID = try caller.requireHolder().accountID
        try input.url?.check(app.webhooks.policy)
        let now = app.now()
        let endpoint = try await app.store.write { db in
            let endpoint = try WebhookEndpoints.require(input.id.value, of: accountID, db)
            let changed = try WebhookEndpoints.change(
                endpoint,
                url: input.url?.value ?? endpoint.url,
                description: input.description?.value ?? endpoint.description,
                events: input.events ?? endpoint.events,
                status: input.status ?? endpoint.status,
                db
            )
            try Audit.record(
                .webhookChanged,
                by: caller,
                account: accountID,
                target: "webhook:\(changed.publicID)",
                detail: [.init("url", .string(changed.url)), .init("status", .string(changed.status.rawValue))],
                at: now,
                db
            )
            return changed
        }
        app.webhooks.heedChange(of: endpoint.id)
        return WebhookView(endpoint)
    }
}
