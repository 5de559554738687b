import Outbound
import Storage
import Synchronization
import Web

/// What must reach another system. Every statement on `outbox` is in this file.
enum OutboxRows {
    enum Kind: String, Sendable {
        case stripeCustomer = "stripe.customer"
        case stripeSubscription = "stripe.subscription"
        case stripeMeterEvent = "stripe.meter_event"
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
    }

    static func insert(
        _ kind: Kind,
        accountID: Int64,
        _ payload: JSONValue,
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
            String(decoding: try JSONEncoding.bytes(of: payload), as: UTF8.self),
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
                payload: try JSONParser.parse(Array((row[3] as String).utf8)),
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
///
/// An item that fails steps back, each time for longer, and the others pass it. With the provider down (the breaker is
/// open) or not configured, nothing is touched at all.
final class Outbox: Sendable {
    /// One less than the provider's lane has threads: those who wait for an answer always find one.
    private static let sendersAtMost = 3
    /// Of an item that fails for reasons of its own; an outage, however long, uses up none.
    private static let attemptsAtMost: Int64 = 20
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private let isStopped = Atomic(false)

    init() {
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Something was written into it.
    func wake() { signal.yield() }

    /// Ends ``run(_:)`` once what is being sent has been answered; the rest waits for the next start.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
        signal.finish()
    }

    /// Runs until ``stop()``; the periodic jobs wake it too, for what has become due.
    func run(_ app: App) async {
        for await _ in signals {
            while await sendDue(app) {}
        }
    }

    private enum Outcome {
        case arrived, postponed
        /// Nothing goes out now, or nothing can be written down: there is no use in going on.
        case blocked
    }

    /// - Returns: whether anything arrived, and so more may be due.
    private func sendDue(_ app: App) async -> Bool {
        guard let stripe = app.stripe,
            let items = try? app.store.read({ db in try OutboxRows.due(at: app.now(), db) }), !items.isEmpty
        else { return false }
        var waiting = items[...]
        var (hasArrived, isBlocked) = (false, false)
        await withTaskGroup(of: Outcome.self) { group in
            let sendNext = { (group: inout TaskGroup<Outcome>) in
                guard !isBlocked, !self.isStopped.load(ordering: .relaxed), let item = waiting.popFirst() else {
                    return
                }
                group.addTask { await self.send(item, stripe, app) }
            }
            for _ in 0..<Self.sendersAtMost { sendNext(&group) }
            for await outcome in group {
                if outcome == .arrived { hasArrived = true }
                if outcome == .blocked { isBlocked = true }
                sendNext(&group)
            }
        }
        return hasArrived && !isBlocked && !isStopped.load(ordering: .relaxed)
    }

    private func send(_ item: OutboxRows.Item, _ stripe: StripeClient, _ app: App) async -> Outcome {
        do {
            try await deliver(item, stripe, app)
            try await app.store.write { db in try OutboxRows.delete(item.id, db) }
            return .arrived
        } catch OutboundError.circuitOpen, OutboundError.overloaded, OutboundError.closed {
            return .blocked
        } catch let error as StoreError {
            app.log.warning("the outbox waits for the store", metadata: ["error": "\(error)"])
            return .blocked
        } catch {
            return await putOff(item, error, app)
        }
    }

    private func deliver(_ item: OutboxRows.Item, _ stripe: StripeClient, _ app: App) async throws {
        switch OutboxRows.Kind(rawValue: item.kind) {
        case .stripeCustomer?: try await StripeCustomers.link(item, stripe, app)
        case .stripeSubscription?: try await StripeCustomers.subscribe(item, stripe, app)
        case .stripeMeterEvent?: try await MeterReports.send(item, stripe, app)
        case .mail?, nil: throw OutboundError.invalidRequest("no such kind: \(item.kind)")
        }
    }

    private func putOff(_ item: OutboxRows.Item, _ error: any Error, _ app: App) async -> Outcome {
        let now = app.now()
        let attempts = item.attempts + 1
        let givesUp = (error as? StripeError)?.isFinal ?? (!Self.isOutage(error) && attempts >= Self.attemptsAtMost)
        app.log.warning(
            "an outbox item \(givesUp ? "cannot be sent" : "waits")",
            metadata: ["item": "\(item.id)", "kind": "\(item.kind)", "error": "\(error)"]
        )
        do {
            try await app.store.write { db in
                if givesUp {
                    try OutboxRows.setFailed(item, "\(error)", at: now, db)
                } else {
                    let seconds = Self.backoffSeconds(after: attempts)
                    try OutboxRows.postpone(item, seconds: seconds, "\(error)", at: now, db)
                }
            }
            return .postponed
        } catch {
            return .blocked
        }
    }

    /// Whether it is the other side, or the way there, that fails.
    private static func isOutage(_ error: any Error) -> Bool {
        switch error {
        case OutboundError.timedOut, OutboundError.unreachable, OutboundError.interrupted: true
        default: false
        }
    }

    /// 2, 4, 8 … seconds, an hour at most.
    static func backoffSeconds(after attempts: Int64) -> Int64 {
        min(3600, 1 << min(12, max(1, attempts)))
    }
}
