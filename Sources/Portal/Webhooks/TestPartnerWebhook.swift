import Web

/// `POST /api/partner/webhooks/{id}/test`: sends one `webhook.test`; the deliveries show what became of it.
struct TestPartnerWebhook: Endpoint {
    struct Answer: JSONOutput {
        let success: Bool
        let messageId: String
    }

    static func handle(_ input: WebhookInput, by caller: Caller, in app: App) async throws -> Answer {
        let sent = try await TestWebhook.handle(input, by: caller, in: app)
        return Answer(success: true, messageId: sent.messageID)
    }
}

/// `POST /api/partner/webhooks/send-test`: the same, as older dashboards ask for it.
struct SendPartnerTest: Endpoint {
    struct Input: Codable, Sendable {
        let webhookId: Text<1, 64>
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> TestPartnerWebhook.Answer {
        try await TestPartnerWebhook.handle(WebhookInput(id: input.webhookId), by: caller, in: app)
    }
}
