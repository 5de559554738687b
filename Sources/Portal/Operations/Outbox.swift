import Storage
import Web

/// What must reach another system. Every statement on `outbox` is in this file.
enum OutboxRows {
    enum Kind: String, Sendable {
        case stripeCustomer = "stripe.customer"
        case stripeSubscription = "stripe.subscription"
        case stripeMeterEvent = "stripe.meter_event"
        case stripeCards = "stripe.cards"
        case stripeCharge = "stripe.charge"
        case mail
    }

    struct Item: Sendable {
        let id: Int64
        let kind: String
        let accountID: Int64
        let payload: JSONValue
        /// Sent with every attempt, so that the other side acts once.
        let idempotencyKey: String
        let attempts: Int64
        let nextAttemptAt: Timestamp
        let createdAt: Timestamp
        let error: String?
        let isGivenUp: Bool
    }

    /// - Parameter seconds: how long it waits before the first attempt, for what somebody is trying already.
    static func insert(
        _ kind: Kind,
        accountID: Int64,
        _ payload: JSONValue,
        key: String,
        after seconds: Int64 = 0,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            INSERT INTO outbox (kind, account_id, payload, idempotency_key, next_attempt_at, created_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            kind.rawValue,
            accountID,
            String(decoding: try JSONEncoding.bytes(of: payload), as: UTF8.self),
            key,
            now.adding(seconds: seconds).milliseconds,
            now.milliseconds
        )
    }

    /// What waits of a kind for an account, if anything does.
    static func find(_ kind: Kind, accountID: Int64, _ db: borrowing Database) throws -> Item? {
        try db.first(
            """
            SELECT id, kind, account_id, payload, idempotency_key, attempts, next_attempt_at, created_at, error,
                failed_at
            FROM outbox WHERE kind = ? AND failed_at IS NULL AND account_id = ? ORDER BY id LIMIT 1
            """,
            kind.rawValue,
            accountID,
            as: item
        )
    }

    /// The longest due first.
    static func due(
        _ kinds: [Kind],
        at now: Timestamp,
        atMost count: Int,
        _ db: borrowing Database
    ) throws -> [Item] {
        // One kind at a time, each by the index: of several together SQLite would sort all that wait.
        var items: [Item] = []
        for kind in kinds {
            items += try db.all(
                """
                SELECT id, kind, account_id, payload, idempotency_key, attempts, next_attempt_at, created_at, error,
                    failed_at
                FROM outbox WHERE kind = ? AND failed_at IS NULL AND next_attempt_at <= ?
                ORDER BY next_attempt_at, id LIMIT ?
                """,
                kind.rawValue,
                now.milliseconds,
                Int64(count),
                as: item
            )
        }
        items.sort { ($0.nextAttemptAt, $0.id) < ($1.nextAttemptAt, $1.id) }
        return Array(items.prefix(count))
    }

    /// Those that are due the soonest.
    static func waiting(_ kind: Kind, atMost count: Int, _ db: borrowing Database) throws -> [Item] {
        try db.all(
            """
            SELECT id, kind, account_id, payload, idempotency_key, attempts, next_attempt_at, created_at, error,
                failed_at
            FROM outbox WHERE kind = ? AND failed_at IS NULL ORDER BY next_attempt_at LIMIT ?
            """,
            kind.rawValue,
            Int64(count),
            as: item
        )
    }

    /// Those that were given up last.
    static func givenUp(_ kind: Kind, atMost count: Int, _ db: borrowing Database) throws -> [Item] {
        try db.all(
            """
            SELECT id, kind, account_id, payload, idempotency_key, attempts, next_attempt_at, created_at, error,
                failed_at
            FROM outbox WHERE kind = ? AND failed_at IS NOT NULL ORDER BY failed_at DESC LIMIT ?
            """,
            kind.rawValue,
            Int64(count),
            as: item
        )
    }

    private static func item(_ row: borrowing Row) throws -> Item {
        Item(
            id: row[0],
            kind: row[1],
            accountID: row[2],
            payload: try JSONParser.parse(Array((row[3] as String).utf8)),
            idempotencyKey: row[4],
            attempts: row[5],
            nextAttemptAt: Timestamp(milliseconds: row[6]),
            createdAt: Timestamp(milliseconds: row[7]),
            error: row[8],
            isGivenUp: row[9] as Int64? != nil
        )
    }

    static func delete(_ id: Int64, _ db: borrowing Database) throws {
        try db.run("DELETE FROM outbox WHERE id = ?", id)
    }

    static func postpone(
        _ item: Item,
        seconds: Int64,
        _ error: String,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try db.run(
            "UPDATE outbox SET attempts = attempts + 1, next_attempt_at = ?, error = ? WHERE id = ?",
            now.adding(seconds: seconds).milliseconds,
            error,
            item.id
        )
    }

    /// Gives up: a person has to look.
    ///
    /// - Parameter payload: what to keep of it.
    static func setFailed(
        _ item: Item,
        _ error: String,
        keeping payload: JSONValue,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try db.run(
            "UPDATE outbox SET attempts = attempts + 1, failed_at = ?, error = ?, payload = ? WHERE id = ?",
            now.milliseconds,
            error,
            String(decoding: try JSONEncoding.bytes(of: payload), as: UTF8.self),
            item.id
        )
    }

    /// Forgets what waits of a kind for an account.
    static func deleteAll(_ kind: Kind, accountID: Int64, _ db: borrowing Database) throws {
        try db.run("DELETE FROM outbox WHERE kind = ? AND account_id = ?", kind.rawValue, accountID)
    }

    /// Waiting and given up, for health checks.
    static func counts(_ db: borrowing Database) throws -> (waiting: Int64, failed: Int64) {
        try db.first(
            "SELECT count(*) - count(failed_at), count(failed_at) FROM outbox"
        ) { row in (row[0], row[1]) } ?? (0, 0)
    }
}

/// Sends what waits in the outbox, again and again until it has arrived: a queue for each place that items go to, so
/// that one that hangs holds up nobody else's.
final class Outbox: Sendable {
    private let queues = OutboxQueue.Destination.allCases.map { OutboxQueue($0) }

    /// Something was written into it.
    func wake() { queues.forEach { $0.wake() } }

    /// Ends ``run(_:)`` once what is being sent has been answered; the rest waits for the next start.
    func stop() { queues.forEach { $0.stop() } }

    /// Runs until ``stop()``; the periodic jobs wake it too, for what has become due.
    func run(_ app: App) async {
        await withTaskGroup(of: Void.self) { group in
            for queue in queues { group.addTask { await queue.run(app) } }
        }
    }

    /// 2, 4, 8 … seconds.
    static func backoffSeconds(after attempts: Int64, atMost seconds: Int64 = 3600) -> Int64 {
        min(seconds, 1 << min(12, max(1, attempts)))
    }
}
