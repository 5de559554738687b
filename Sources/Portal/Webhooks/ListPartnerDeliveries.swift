import Web

/// `GET /api/partner/webhook-deliveries`: the latest of all endpoints, or of what happened to one app; newest first.
struct ListPartnerDeliveries: Endpoint {
    struct Input: Codable, Sendable {
        let appId: Text<1, 64>?
        /// 10 unless told.
        let limit: Whole<1, 100>?
    }

    struct Answer: JSONOutput {
        let deliveries: [Delivery]
    }

    struct Delivery: Codable, Sendable {
        let id: String
        let eventType: String
        let url: String
        /// Of the last attempt; 0: nothing answered.
        let statusCode: Int64
        let success: Bool
        /// Of the last attempt; of the event before the first.
        let timestamp: PreciseTime
        /// With an empty id and the account's name for what happened to no app: dashboards read both.
        let app: PartnerWebhook.AppName
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let holder = try caller.requireHolder()
        return try app.store.read { db in
            let appID = try input.appId.map { try Apps.require($0.value, of: holder.accountID, db).id }
            let limit = input.limit?.value ?? 10
            let found = try WebhookDeliveries.latest(of: holder.accountID, app: appID, limit: limit, db)
            return Answer(
                deliveries: try found.map { found in
                    Delivery(
                        id: "\(found.id)",
                        eventType: found.event,
                        url: found.url,
                        statusCode: found.statusCode,
                        success: found.isDelivered,
                        timestamp: PreciseTime(found.moment),
                        app: try found.appID.map { try PartnerWebhook.AppName($0, db) }
                            ?? PartnerWebhook.AppName(account: holder.profile.name)
                    )
                }
            )
        }
    }
}
