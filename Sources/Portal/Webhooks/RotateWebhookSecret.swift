import Web

/// `POST /api/v1/webhooks/{id}/rotate-secret`: a new secret, shown here and never again. Deliveries carry a signature
/// by the old one too until a day has passed; `X-Webhook-Signature`, which holds only one, is by the new one at once.
struct RotateWebhookSecret: Endpoint {
    struct Answer: JSONOutput {
        let id: String
        let secret: String
        let previousWorksUntil: Timestamp

        enum CodingKeys: String, CodingKey {
            case id, secret
            case previousWorksUntil = "previous_works_until"
        }
    }

    static func handle(_ input: WebhookInput, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let secret = try WebhookSecret.generate(app.random)
        let sealed = try secret.sealed(for: input.id.value, under: app.webhooks.sealingKey)
        let now = app.now()
        let (id, until) = try await app.store.write { db in
            let endpoint = try WebhookEndpoints.require(input.id.value, of: accountID, db)
            let until = try WebhookEndpoints.rotate(endpoint, to: sealed, at: now, db)
            let target = "webhook:\(endpoint.publicID)"
            try Audit.record(.webhookSecretRotated, by: caller, account: accountID, target: target, at: now, db)
            return (endpoint.id, until)
        }
        app.webhooks.heedChange(of: id)
        return Answer(id: input.id.value, secret: secret.text, previousWorksUntil: until)
    }
}
