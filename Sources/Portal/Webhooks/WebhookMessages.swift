import Storage

/// What is told to endpoints. Every statement that writes to `webhook_message` is in this file.
enum WebhookMessages {
    static func insert(
        _ publicID: String,
        event: String,
        body: [UInt8],
        accountID: Int64,
        appID: Int64?,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Int64 {
        try db.run(
            """
            INSERT INTO webhook_message (public_id, account_id, app_id, event, body, created_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            publicID,
            accountID,
            appID,
            event,
            String(decoding: body, as: UTF8.self),
            now.milliseconds
        )
        return db.lastInsertID
    }

    /// Some of those written before a moment, oldest first.
    static func old(before moment: Timestamp, _ db: borrowing Database) throws -> [Int64] {
        try db.all(
            "SELECT id FROM webhook_message WHERE created_at < ? ORDER BY created_at LIMIT 200",
            moment.milliseconds
        ) { row in row[0] }
    }

    /// Unless it is, or was, on its way to somebody.
    static func deleteUntold(_ id: Int64, _ db: borrowing Database) throws {
        try db.run(
            """
            DELETE FROM webhook_message WHERE id = ?
            AND NOT EXISTS (SELECT 1 FROM webhook_delivery d WHERE d.message_id = webhook_message.id)
            """,
            id
        )
    }

    static func delete(_ id: Int64, _ db: borrowing Database) throws {
        try db.run("DELETE FROM webhook_message WHERE id = ?", id)
    }
}
