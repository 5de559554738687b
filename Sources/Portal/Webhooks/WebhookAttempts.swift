import Storage

/// Every attempt at a delivery, for its owner to look into. Every statement that writes to `webhook_attempt` is in this
/// file.
enum WebhookAttempts {
    /// Of one delivery: a whole schedule, and one after a replay.
    static let kept: Int64 = 20

    struct Logged: Sendable {
        let number: Int64
        let attemptedAt: Timestamp
        let milliseconds: Int64
        /// A line each.
        let requestHeaders: String
        /// 0: nothing answered.
        let statusCode: Int64
        let answer: [UInt8]
        let error: String?
    }

    static func insert(_ attempt: WebhookAttempt, at now: Timestamp, _ db: borrowing Database) throws {
        let last: Int64? = try db.value(
            "SELECT max(number) FROM webhook_attempt WHERE delivery_id = ?",
            attempt.deliveryID
        )
        let number = (last ?? 0) + 1
        try db.run(
            """
            INSERT INTO webhook_attempt
                (delivery_id, number, attempted_at, milliseconds, request_headers, status_code, answer, error)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            attempt.deliveryID,
            number,
            now.milliseconds,
            attempt.milliseconds,
            attempt.requestHeaders,
            attempt.statusCode,
            attempt.answer,
            attempt.error
        )
        guard number > kept else { return }
        try db.run(
            "DELETE FROM webhook_attempt WHERE delivery_id = ? AND number <= ?",
            attempt.deliveryID,
            number - kept
        )
    }

    /// Oldest first.
    static func list(of deliveryID: Int64, _ db: borrowing Database) throws -> [Logged] {
        try db.all(
            """
            SELECT number, attempted_at, milliseconds, request_headers, status_code, answer, error
            FROM webhook_attempt WHERE delivery_id = ? ORDER BY number
            """,
            deliveryID
        ) { row in
            Logged(
                number: row[0],
                attemptedAt: Timestamp(milliseconds: row[1]),
                milliseconds: row[2],
                requestHeaders: row[3],
                statusCode: row[4],
                answer: row.optionalBlob(5) ?? [],
                error: row[6]
            )
        }
    }

    static func delete(delivery id: Int64, _ db: borrowing Database) throws {
        try db.run("DELETE FROM webhook_attempt WHERE delivery_id = ?", id)
    }

    static func delete(message id: Int64, _ db: borrowing Database) throws {
        try db.run(
            """
            DELETE FROM webhook_attempt
            WHERE delivery_id IN (SELECT d.id FROM webhook_delivery d WHERE d.message_id = ?)
            """,
            id
        )
    }
}
