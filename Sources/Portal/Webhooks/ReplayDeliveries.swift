import Web

/// `POST /api/v1/webhooks/{id}/replay`: sends again one message, whatever became of it, or all since a time that
/// failed, or also those that were delivered; five thousand at most. A message keeps its id, so that a receiver that
/// has seen it already can tell.
struct ReplayDeliveries: Endpoint {
    struct Input: Codable, Sendable {
        let id: Text<1, 64>
        let messageID: Text<1, 64>?
        let since: Timestamp?
        /// Whether those since then that were delivered go out again too; no unless told.
        let includeDelivered: Bool?

        enum CodingKeys: String, CodingKey {
            case id, since
            case messageID = "message_id"
            case includeDelivered = "include_delivered"
        }
    }

    struct Answer: JSONOutput {
        let replayed: Int
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        let (answer, id) = try await app.store.write { db -> (Answer, Int64) in
            let endpoint = try WebhookEndpoints.require(input.id.value, of: accountID, db)
            let replayed: Int
            switch (input.messageID?.value, input.since) {
            case (let message?, nil):
                guard try WebhookDeliveries.knows(message: message, of: endpoint.id, db) else {
                    throw Failure.notFound("Message not found")
                }
                try requireActive(endpoint)
                replayed = try WebhookDeliveries.replay(message: message, to: endpoint.id, at: now, db)
            case (nil, let since?):
                try requireActive(endpoint)
                replayed =
                    input.includeDelivered == true
                    ? try WebhookDeliveries.replayAll(since: since, to: endpoint.id, at: now, db)
                    : try WebhookDeliveries.replayFailed(since: since, to: endpoint.id, at: now, db)
            default:
                throw Failure.invalid("since", "or message_id is needed, and not both")
            }
            return (Answer(replayed: replayed), endpoint.id)
        }
        app.webhooks.heedChange(of: id)
        return answer
    }

    private static func requireActive(_ endpoint: WebhookEndpoints.Endpoint) throws {
        guard endpoint.status == .active else { throw TestWebhook.disabled }
    }
}
