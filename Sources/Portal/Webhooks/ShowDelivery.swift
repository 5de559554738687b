import Web

/// `GET /api/v1/webhooks/{id}/deliveries/{delivery_id}`: one delivery with every attempt, as sent and as answered.
struct ShowDelivery: Endpoint {
    struct Input: Codable, Sendable {
        let id: Text<1, 64>
        let deliveryID: Int64

        enum CodingKeys: String, CodingKey {
            case id
            case deliveryID = "delivery_id"
        }
    }

    struct Answer: JSONOutput {
        let delivery: ListDeliveries.Delivery
        /// Oldest first; the last twenty.
        let attempts: [Attempt]
    }

    struct Attempt: Codable, Sendable {
        /// Counted over replays too.
        let number: Int64
        let attemptedAt: Timestamp
        let milliseconds: Int64
        /// In the order in which they were sent. The body is the delivery's `request_body`.
        let requestHeaders: [Header]
        /// 0: nothing answered.
        let statusCode: Int64
        let error: Nullable<String>
        /// Its first 1024 bytes.
        let responseBody: String

        enum CodingKeys: String, CodingKey {
            case number, milliseconds, error
            case attemptedAt = "attempted_at"
            case requestHeaders = "request_headers"
            case statusCode = "status_code"
            case responseBody = "response_body"
        }

        init(_ attempt: WebhookAttempts.Logged) {
            (number, attemptedAt, milliseconds) = (attempt.number, attempt.attemptedAt, attempt.milliseconds)
            requestHeaders = attempt.requestHeaders.split(separator: "\n").map { Header($0) }
            (statusCode, error) = (attempt.statusCode, Nullable(attempt.error))
            responseBody = String(decoding: attempt.answer, as: UTF8.self)
        }
    }

    struct Header: Codable, Sendable {
        let name: String
        let value: String

        /// - Parameter line: `Name: value`.
        init(_ line: Substring) {
            name = String(line.prefix { $0 != ":" })
            value = String(line.dropFirst(name.count + 2))
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        return try app.store.read { db in
            let endpoint = try WebhookEndpoints.require(input.id.value, of: accountID, db)
            let delivery = try WebhookDeliveries.require(input.deliveryID, of: endpoint.id, db)
            return Answer(
                delivery: ListDeliveries.Delivery(delivery),
                attempts: try WebhookAttempts.list(of: delivery.id, db).map { Attempt($0) }
            )
        }
    }
}
