import Storage
import Web

/// Messages on their way to endpoints. Every statement that writes to `webhook_delivery` is in this file.
enum WebhookDeliveries {
    /// Replayed by one request.
    static let replayedAtMost = 5000

    enum Status: String, Codable, Sendable, CaseIterable, Documented {
        case waiting, delivered, failed

        static var sample: Status { .waiting }
    }

    /// What is to be sent now.
    struct Due: Sendable {
        let id: Int64
        let messageID: String
        let body: String
        let attempts: Int64
    }

    /// What became of one, for its owner.
    struct Logged: Sendable {
        let id: Int64
        let messageID: String
        let event: String
        let body: String
        let status: Status
        let attempts: Int64
        let nextAttemptAt: Timestamp
        let createdAt: Timestamp
        let attemptedAt: Timestamp?
        let statusCode: Int64
        let answer: [UInt8]
        let error: String?
        let milliseconds: Int64?
    }

    static func insert(_ messageID: Int64, to endpointID: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            "INSERT INTO webhook_delivery (endpoint_id, message_id, next_attempt_at, created_at) VALUES (?, ?, ?, ?)",
            endpointID,
            messageID,
            now.milliseconds,
            now.milliseconds
        )
    }

    /// The endpoints for which something is due. Costs one step for each that something waits for, however much it is.
    static func endpointsDue(at now: Timestamp, _ db: borrowing Database) throws -> [Int64] {
        var found: [Int64] = []
        var last: Int64 = 0
        while true {
            let next = try db.first(
                """
                SELECT endpoint_id, next_attempt_at FROM webhook_delivery WHERE status = 'waiting' AND endpoint_id > ?
                ORDER BY endpoint_id, next_attempt_at LIMIT 1
                """,
                last
            ) { row -> (id: Int64, at: Int64) in (row[0], row[1]) }
            guard let next else { return found }
            if next.at <= now.milliseconds { found.append(next.id) }
            last = next.id
        }
    }

    static func due(for endpointID: Int64, at now: Timestamp, _ db: borrowing Database) throws -> [Due] {
        try db.all(
            """
            SELECT d.id, m.public_id, m.body, d.attempts
            FROM webhook_delivery d JOIN webhook_message m ON m.id = d.message_id
            WHERE d.endpoint_id = ? AND d.status = 'waiting' AND d.next_attempt_at <= ?
            ORDER BY d.next_attempt_at, d.id LIMIT 64
            """,
            endpointID,
            now.milliseconds
        ) { row in Due(id: row[0], messageID: row[1], body: row[2], attempts: row[3]) }
    }

    /// What follows from an attempt. Changes nothing for one that does not wait any more.
    /// - Parameter next: when it is tried again, while it waits.
    /// - Returns: whether it waited.
    static func note(_ status: Status, next: Timestamp, of id: Int64, _ db: borrowing Database) throws -> Bool {
        try db.run(
            """
            UPDATE webhook_delivery SET status = ?, attempts = attempts + 1, next_attempt_at = ?
            WHERE id = ? AND status = 'waiting'
            """,
            status.rawValue,
            next.milliseconds,
            id
        ) > 0
    }

    /// - Throws: ``Failure`` 404.
    static func require(_ id: Int64, of endpointID: Int64, _ db: borrowing Database) throws -> Logged {
        let found = try list(of: endpointID, status: nil, before: id == .max ? id : id + 1, limit: 1, db).first
        guard let found, found.id == id else { throw Failure.notFound("Delivery not found") }
        return found
    }

    /// Newest first, those before `before`.
    static func list(
        of endpointID: Int64,
        status: Status?,
        before: Int64,
        limit: Int64,
        _ db: borrowing Database
    ) throws -> [Logged] {
        try db.all(
            """
            SELECT d.id, m.public_id, m.event, m.body, d.status, d.attempts, d.next_attempt_at, d.created_at,
                a.attempted_at, coalesce(a.status_code, 0), a.answer, a.error, a.milliseconds
            FROM webhook_delivery d JOIN webhook_message m ON m.id = d.message_id
            LEFT JOIN webhook_attempt a ON a.delivery_id = d.id
                AND a.number = (SELECT max(b.number) FROM webhook_attempt b WHERE b.delivery_id = d.id)
            WHERE d.endpoint_id = ? AND d.id < ? AND d.status = coalesce(?, d.status) ORDER BY d.id DESC LIMIT ?
            """,
            endpointID,
            before,
            status?.rawValue,
            limit
        ) { row in
            Logged(
                id: row[0],
                messageID: row[1],
                event: row[2],
                body: row[3],
                status: try row.raw(4),
                attempts: row[5],
                nextAttemptAt: Timestamp(milliseconds: row[6]),
                createdAt: Timestamp(milliseconds: row[7]),
                attemptedAt: row.optionalInt(8).map(Timestamp.init(milliseconds:)),
                statusCode: row[9],
                answer: row.optionalBlob(10) ?? [],
                error: row[11],
                milliseconds: row[12]
            )
        }
    }

    /// What became of one, in brief.
    struct Told: Sendable {
        let id: Int64
        let event: String
        let appID: Int64?
        let url: String
        let isDelivered: Bool
        /// 0: nothing answered.
        let statusCode: Int64
        /// Of the last attempt; of the message before the first.
        let moment: Timestamp
    }

    /// An account's, or of what happened to one of its apps; of the newest message first.
    static func latest(
        of accountID: Int64,
        app: Int64?,
        limit: Int64,
        _ db: borrowing Database
    ) throws -> [Told] {
        let sql: StaticString =
            app == nil
            ? """
            SELECT d.id, m.event, m.app_id, e.url, d.status, coalesce(a.status_code, 0),
                coalesce(a.attempted_at, m.created_at)
            FROM webhook_message m JOIN webhook_delivery d ON d.message_id = m.id
            JOIN webhook_endpoint e ON e.id = d.endpoint_id
            LEFT JOIN webhook_attempt a ON a.delivery_id = d.id
                AND a.number = (SELECT max(b.number) FROM webhook_attempt b WHERE b.delivery_id = d.id)
            WHERE m.account_id = ? ORDER BY m.id DESC, d.endpoint_id LIMIT ?
            """
            : """
            SELECT d.id, m.event, m.app_id, e.url, d.status, coalesce(a.status_code, 0),
                coalesce(a.attempted_at, m.created_at)
            FROM webhook_message m JOIN webhook_delivery d ON d.message_id = m.id
            JOIN webhook_endpoint e ON e.id = d.endpoint_id
            LEFT JOIN webhook_attempt a ON a.delivery_id = d.id
                AND a.number = (SELECT max(b.number) FROM webhook_attempt b WHERE b.delivery_id = d.id)
            WHERE m.app_id = ? ORDER BY m.id DESC, d.endpoint_id LIMIT ?
            """
        return try db.all(sql, app ?? accountID, limit) { row in
            Told(
                id: row[0],
                event: row[1],
                appID: row.optionalInt(2),
                url: row[3],
                isDelivered: try row.raw(4) == Status.delivered,
                statusCode: row[5],
                moment: Timestamp(milliseconds: row[6])
            )
        }
    }

    /// Sends one message once more, whatever became of it.
    /// - Returns: 0 when there is no such message, or it waits anyway.
    static func replay(
        message publicID: String,
        to endpointID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Int {
        try db.run(
            """
            UPDATE webhook_delivery SET status = 'waiting', attempts = 0, next_attempt_at = ?
            WHERE endpoint_id = ? AND status <> 'waiting'
            AND message_id = (SELECT m.id FROM webhook_message m WHERE m.public_id = ?)
            """,
            now.milliseconds,
            endpointID,
            publicID
        )
    }

    static func knows(message publicID: String, of endpointID: Int64, _ db: borrowing Database) throws -> Bool {
        try db.value(
            """
            SELECT d.id FROM webhook_delivery d JOIN webhook_message m ON m.id = d.message_id
            WHERE m.public_id = ? AND d.endpoint_id = ?
            """,
            publicID,
            endpointID
        ) as Int64? != nil
    }

    /// Sends those once more that failed, of messages since a moment, oldest first.
    static func replayFailed(
        since moment: Timestamp,
        to endpointID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Int {
        try db.run(
            """
            UPDATE webhook_delivery SET status = 'waiting', attempts = 0, next_attempt_at = ?
            WHERE id IN (
                SELECT d.id FROM webhook_delivery d
                WHERE d.endpoint_id = ? AND d.status = 'failed' AND d.created_at >= ? ORDER BY d.created_at LIMIT ?
            )
            """,
            now.milliseconds,
            endpointID,
            moment.milliseconds,
            replayedAtMost
        )
    }

    /// The same with those that were delivered, for a receiver that has lost what it had.
    static func replayAll(
        since moment: Timestamp,
        to endpointID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Int {
        try db.run(
            """
            UPDATE webhook_delivery SET status = 'waiting', attempts = 0, next_attempt_at = ?
            WHERE id IN (
                SELECT d.id FROM webhook_delivery d
                WHERE d.endpoint_id = ? AND d.status <> 'waiting' AND d.created_at >= ? ORDER BY d.id LIMIT ?
            )
            """,
            now.milliseconds,
            endpointID,
            moment.milliseconds,
            replayedAtMost
        )
    }
}

/// What is removed.
extension WebhookDeliveries {
    static func delete(message id: Int64, _ db: borrowing Database) throws {
        try db.run("DELETE FROM webhook_delivery WHERE message_id = ?", id)
    }

    static func delete(_ id: Int64, _ db: borrowing Database) throws {
        try db.run("DELETE FROM webhook_delivery WHERE id = ?", id)
    }

    /// Endpoints that have more than so many, each with the newest of those beyond.
    static func excess(beyond kept: Int64, _ db: borrowing Database) throws -> [(endpoint: Int64, last: Int64)] {
        var found: [(endpoint: Int64, last: Int64)] = []
        var after: Int64 = 0
        while let endpoint: Int64 = try db.value(
            "SELECT min(endpoint_id) FROM webhook_delivery WHERE endpoint_id > ? HAVING min(endpoint_id) IS NOT NULL",
            after
        ) {
            let last: Int64? = try db.value(
                "SELECT id FROM webhook_delivery WHERE endpoint_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?",
                endpoint,
                kept
            )
            if let last { found.append((endpoint, last)) }
            after = endpoint
        }
        return found
    }

    /// Some of an endpoint's.
    static func oldest(
        of endpointID: Int64,
        upTo last: Int64,
        _ db: borrowing Database
    ) throws -> [(id: Int64, message: Int64)] {
        try db.all(
            """
            SELECT id, message_id FROM webhook_delivery WHERE endpoint_id = ? AND id <= ? ORDER BY id LIMIT 200
            """,
            endpointID,
            last
        ) { row in (row[0], row[1]) }
    }
}
