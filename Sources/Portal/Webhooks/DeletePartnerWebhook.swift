import Web

/// `DELETE /api/partner/webhooks/{id}`.
struct DeletePartnerWebhook: Endpoint {
    struct Answer: JSONOutput {
        let success: Bool
    }

    static func handle(_ input: WebhookInput, by caller: Caller, in app: App) async throws -> Answer {
        _ = try await DeleteWebhook.handle(input, by: caller, in: app)
        return Answer(success: true)
    }
}
