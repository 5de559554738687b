import Web

/// `GET /api/v1/webhooks/{id}/deliveries`: what was sent and what became of it, newest first, for thirty days.
struct ListDeliveries: Endpoint {
    struct Input: Codable, Sendable {
        let id: Text<1, 64>
        let status: WebhookDeliveries.Status?
        let limit: Whole<1, 100>?
        /// `next_cursor` of the page before.
        let cursor: Int64?
    }

    struct Answer: JSONOutput {
        let data: [Delivery]
        /// Null on the last page.
        let nextCursor: Nullable<String>

        enum CodingKeys: String, CodingKey {
            case data
            case nextCursor = "next_cursor"
        }
    }

    struct Delivery: Codable, Sendable {
        let id: Int64
        let messageID: String
        let event: String
        let status: WebhookDeliveries.Status
        let attempts: Int64
        /// Of the last attempt; 0: nothing answered.
        let statusCode: Int64
        let error: Nullable<String>
        let milliseconds: Nullable<Int64>
        let createdAt: Timestamp
        let attemptedAt: Nullable<Timestamp>
        let nextAttemptAt: Nullable<Timestamp>
        let requestBody: String
        /// Its first 1024 bytes.
        let responseBody: String

        enum CodingKeys: String, CodingKey {
            case id, event, status, attempts, error, milliseconds
            case messageID = "message_id"
            case statusCode = "status_code"
            case createdAt = "created_at"
            case attemptedAt = "attempted_at"
            case nextAttemptAt = "next_attempt_at"
            case requestBody = "request_body"
            case responseBody = "response_body"
        }

        init(_ delivery: WebhookDeliveries.Logged) {
            (id, messageID, event) = (delivery.id, delivery.messageID, delivery.event)
            (status, attempts, statusCode) = (delivery.status, delivery.attempts, delivery.statusCode)
            (error, milliseconds) = (Nullable(delivery.error), Nullable(delivery.milliseconds))
            (createdAt, attemptedAt) = (delivery.createdAt, Nullable(delivery.attemptedAt))
            nextAttemptAt = Nullable(delivery.status == .waiting ? delivery.nextAttemptAt : nil)
            requestBody = delivery.body
            responseBody = String(decoding: delivery.answer, as: UTF8.self)
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let limit = input.limit?.value ?? 25
        return try app.store.read { db in
            let endpoint = try WebhookEndpoints.require(input.id.value, of: accountID, db)
            let found = try WebhookDeliveries.list(
                of: endpoint.id,
                status: input.status,
                before: input.cursor ?? .max,
                limit: limit + 1,
                db
            )
            let page = found.prefix(Int(limit))
            let next = found.count > page.count ? page.last.map { "\($0.id)" } : nil
            return Answer(data: page.map { Delivery($0) }, nextCursor: Nullable(next))
        }
    }
}
