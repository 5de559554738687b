import Web

/// `POST /api/v1/webhooks/{id}/test`: sends one `webhook.test`, whatever events were chosen. The log shows what became
/// of it.
struct TestWebhook: Endpoint {
    struct Answer: JSONOutput {
        let messageID: String

        enum CodingKeys: String, CodingKey {
            case messageID = "message_id"
        }
    }

    static func handle(_ input: WebhookInput, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try await app.commit(by: caller) { db in
            let endpoint = try WebhookEndpoints.require(input.id.value, of: accountID, db)
            guard endpoint.status == .active else { throw disabled }
            let data = TestPayload(message: "This is a test of your webhook endpoint.")
            return Answer(
                messageID: try Webhooks.send(
                    .test,
                    data,
                    to: [endpoint.id],
                    of: accountID,
                    app: endpoint.appID,
                    at: now,
                    db
                )
            )
        }
    }

    static let disabled = Failure.conflict("The endpoint is disabled; make it active first", code: "endpoint_disabled")
}
