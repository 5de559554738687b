import Outbound
import Storage

/// What must reach another system. Every statement on `outbox` is in this file.
enum OutboxRows {
    enum Kind: String, Sendable {
        case stripeCustomer = "stripe.customer"
        case stripeMeterEvent = "stripe.meter_event"
    }

    struct Item: Sendable {
        let id: Int64
        let kind: String
        let accountID: Int64
        let payload: String
        let idempotencyKey: String
        let attempts: Int64
    }

    static func insert(
        _ kind: Kind,
        accountID: Int64,
        payload: String,
        key: String,
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
            payload,
            key,
            now.milliseconds,
            now.milliseconds
        )
    }

    static func due(at now: Timestamp, _ db: borrowing Database) throws -> [Item] {
        try db.all(
            """
            SELECT id, kind, account_id, payload, idempotency_key, attempts FROM outbox
            WHERE failed_at IS NULL AND next_attempt_at <= ? ORDER BY next_attempt_at, id LIMIT 64
            """,
            now.milliseconds
        ) { row in
            Item(
                id: row[0],
                kind: row[1],
                accountID: row[2],
                payload: row[3],
                idempotencyKey: row[4],
                attempts: row[5]
            )
        }
    }

    static func delete(_ id: Int64, _ db: borrowing Database) throws {
        try db.run("DELETE FROM outbox WHERE id = ?", id)
    }

    static func postpone(
        _ item: Item,
        seconds: Int64,
        countsAsAttempt: Bool,
        _ error: String,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try db.run(
            "UPDATE outbox SET attempts = attempts + ?, next_attempt_at = ?, error = ? WHERE id = ?",
            countsAsAttempt ? 1 : 0,
            now.adding(seconds: seconds).milliseconds,
            error,
            item.id
        )
    }

    /// Gives up: a person has to look.
    static func setFailed(_ item: Item, _ error: String, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE outbox SET attempts = attempts + 1, failed_at = ?, error = ? WHERE id = ?",
            now.milliseconds,
            error,
            item.id
        )
    }

    /// Waiting and given up, for health checks.
    static func counts(_ db: borrowing Database) throws -> (waiting: Int64, failed: Int64) {
        try db.first(
            "SELECT count(*) - count(failed_at), count(failed_at) FROM outbox"
        ) { row in (row[0], row[1]) } ?? (0, 0)
    }
}

/// Sends what waits in the outbox, again and again until it has arrived.
final class Outbox: Sendable {
    private static let lanes = 4
    private static let attemptsAtMost: Int64 = 20
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init() {
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Something was written into it.
    func wake() { signal.yield() }

    /// Ends ``run(_:)``.
    func stop() { signal.finish() }

    /// Runs until ``stop()``; the periodic jobs wake it too, for what has become due.
    func run(_ app: App) async {
        for await _ in signals {
            while await sendDue(app) {}
        }
    }

    /// - Returns: whether anything was sent, and so more may be due.
    private func sendDue(_ app: App) async -> Bool {
        guard let items = try? app.store.read({ db in try OutboxRows.due(at: app.now(), db) }), !items.isEmpty else {
            return false
        }
        var sent = false
        await withTaskGroup(of: Bool.self) { group in
            var waiting = items[...]
            for _ in 0..<Self.lanes {
                guard let item = waiting.popFirst() else { break }
                group.addTask { await self.send(item, app) }
            }
            for await success in group {
                sent = sent || success
                if let item = waiting.popFirst() { group.addTask { await self.send(item, app) } }
            }
        }
        return sent
    }

    private func send(_ item: OutboxRows.Item, _ app: App) async -> Bool {
        do {
            try await deliver(item, app)
            try await app.store.write { db in try OutboxRows.delete(item.id, db) }
            return true
        } catch {
            let now = app.now()
            app.log.warning(
                "an outbox item waits",
                metadata: ["item": "\(item.id)", "kind": "\(item.kind)", "error": "\(error)"]
            )
            try? await app.store.write { db in
                switch error {
                case OutboundError.circuitOpen(let seconds):
                    try OutboxRows.postpone(
                        item,
                        seconds: Int64(seconds),
                        countsAsAttempt: false,
                        "\(error)",
                        at: now,
                        db
                    )
                case let stripe as StripeError where stripe.isCallersFault && stripe.status != 409:
                    try OutboxRows.setFailed(item, "\(error)", at: now, db)
                case _ where item.attempts + 1 >= Self.attemptsAtMost:
                    try OutboxRows.setFailed(item, "\(error)", at: now, db)
                default:
                    let seconds = Self.backoffSeconds(after: item.attempts + 1)
                    try OutboxRows.postpone(item, seconds: seconds, countsAsAttempt: true, "\(error)", at: now, db)
                }
            }
            return false
        }
    }

    private func deliver(_ item: OutboxRows.Item, _ app: App) async throws {
        // Without a provider nothing can be sent; the item waits for one to be configured.
        guard let stripe = app.stripe else { throw OutboundError.circuitOpen(retryAfter: 300) }
        switch OutboxRows.Kind(rawValue: item.kind) {
        case .stripeCustomer?: try await StripeCustomers.link(item, stripe, app)
        case .stripeMeterEvent?: try await MeterReports.send(item, stripe, app)
        case nil: throw OutboundError.invalidRequest("no such kind: \(item.kind)")
        }
    }

    /// 2, 4, 8 … seconds, an hour at most.
    static func backoffSeconds(after attempts: Int64) -> Int64 {
        min(3600, 1 << min(12, max(1, attempts)))
    }
}
