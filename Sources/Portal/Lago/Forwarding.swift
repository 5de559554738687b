import Storage

/// How far uses were passed on to another system. Every statement on `usage_forwarding` is in this file.
///
/// Uses are an outbox already: they are never changed and their ids only grow, so what has to be kept is the last id
/// that the other side has. Recording a use costs nothing more for it.
enum Forwarding {
    static let lago = "lago"

    struct Standing: Sendable {
        let eventID: Int64
        /// Events that the other side will never take, and what it said of the last one.
        let refused: Int64
        let error: String?
    }

    static func find(_ name: String, _ db: borrowing Database) throws -> Standing? {
        try db.first("SELECT event_id, refused, error FROM usage_forwarding WHERE name = ?", name) { row in
            Standing(eventID: row[0], refused: row[1], error: row[2])
        }
    }

    /// Begins with what is recorded from now on.
    static func begin(_ name: String, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            "INSERT INTO usage_forwarding (name, event_id, updated_at) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
            name,
            try UsageEvents.lastID(db),
            now.milliseconds
        )
    }

    /// All up to this event has arrived, but for the refused ones.
    static func advance(
        _ name: String,
        to eventID: Int64,
        refused: [String],
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            UPDATE usage_forwarding SET event_id = ?, refused = refused + ?, error = coalesce(?, error), updated_at = ?
            WHERE name = ?
            """,
            eventID,
            Int64(refused.count),
            refused.last,
            now.milliseconds,
            name
        )
    }

    static func events(after id: Int64, atMost count: Int, _ db: borrowing Database) throws -> [LagoEvent] {
        try db.all(
            """
            SELECT id, account_id, meter, backend, quantity, occurred_at, recorded_at FROM usage_event
            WHERE id > ? ORDER BY id LIMIT ?
            """,
            id,
            Int64(count)
        ) { row in
            LagoEvent(
                id: row[0],
                accountID: row[1],
                meter: row[2],
                backend: row[3],
                quantity: row[4],
                occurredAt: Timestamp(milliseconds: row[5]),
                recordedAt: Timestamp(milliseconds: row[6])
            )
        }
    }
}
