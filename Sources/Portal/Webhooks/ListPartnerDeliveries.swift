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
        let timestamp: Timestamp
        /// With an empty id and the account's name for what happened to no app: dashboards read both.
        let app: PartnerWebhook.AppName
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let holder = try caller.requireHolder()
        return try app.store.read { db in
            let appID = try input.appId.map { try PartnerWebhook.app($0.value, of: holder.accountID, db).value }
            let limit = input.limit?.value ?? 10
            let found = try WebhookDeliveries.latest(of: holder.accountID, app: appID, limit: limit, db)
            let names = try Apps.names(of: holder.accountID, db)
            return Answer(
                deliveries: found.map { found in
                    Delivery(
                        id: "\(found.id)",
                        eventType: found.event,
                        url: found.url,
                        statusCode: found.statusCode,
                        success: found.isDelivered,
                        timestamp: found.moment,
                        app: PartnerWebhook.AppName(
                            id: found.appID.map { "\($0)" } ?? "",
                            name: found.appID.map { names[$0] ?? "" } ?? holder.profile.name
                        )
                    )
                }
            )
        }
    }
}
