import Web

/// `PATCH /api/partner/webhooks/{id}`: what is given changes.
struct ChangePartnerWebhook: Endpoint {
    struct Input: Codable, Sendable {
        let id: Text<1, 64>
        let url: WebhookURL?
        let events: EventPatterns?
        let description: Text<0, 200>?
        let isActive: Bool?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> PartnerWebhook.Shown {
        let wanted = ChangeWebhook.Input(
            id: input.id,
            url: input.url,
            events: input.events,
            description: input.description,
            status: input.isActive.map { $0 ? .active : .disabled }
        )
        let changed = try await ChangeWebhook.handle(wanted, by: caller, in: app)
        return try app.store.read { db in PartnerWebhook.Shown(webhook: try PartnerWebhook(changed, db)) }
    }
}
