import Storage
import Web

/// Webhook events as stored before they are acknowledged. Every statement on `stripe_event` is in this file.
enum StripeEvents {
    static let attemptsAtMost: Int64 = 12
    /// Stripe sends none again that is older than 30 days.
    static let keptDays = 45

    struct Event: Sendable {
        let id: String
        let type: String
        let body: JSONValue
        let raw: [UInt8]

        /// - Throws: ``Failure`` 400 for a body that is no event, although it was signed.
        init(_ raw: [UInt8]) throws {
            guard let body = try? JSONParser.parse(raw), let id = body["id"]?.string, let type = body["type"]?.string,
                (1...255).contains(id.utf8.count), (1...255).contains(type.utf8.count)
            else { throw Failure.badRequest("The body is not an event", code: "invalid_event") }
            (self.id, self.type, self.body, self.raw) = (id, type, body, raw)
        }

        /// A thin event has no object, only what there is to say.
        var object: JSONValue? { type.hasPrefix("v1.") ? body["data"] : body["data"]?["object"] }
        /// Nil for a type that is not wanted.
        var about: StripeEventTypes.About? { StripeEventTypes.wanted[type] }
        /// Events of one object are applied together.
        var objectID: String { object?["id"]?.string.map { String($0.prefix(255)) } ?? "" }
        /// Nil where it does not say.
        var isLive: Bool? {
            switch body["livemode"] {
            case .bool(let isLive)?: isLive
            default: nil
            }
        }
    }

    /// What an attempt to apply an event came to.
    enum Outcome: Equatable {
        case applied
        /// It changed nothing, for this reason.
        case ignored(String)
        /// It needs a payment that nobody has reported yet.
        case waits(payment: String)

        fileprivate var status: String {
            switch self {
            case .applied: "applied"
            case .ignored: "ignored"
            case .waits: "received"
            }
        }

        fileprivate var error: String? {
            switch self {
            case .applied: nil
            case .ignored(let reason): reason
            case .waits(let payment): "the payment \(payment) has not been reported yet"
            }
        }

        fileprivate var payment: String? {
            if case .waits(let payment) = self { payment } else { nil }
        }
    }

    /// - Parameters:
    ///   - outcome: of the attempt before it was stored; nil where nobody has tried yet.
    ///   - dueAt: when to apply it, where that is left to do, unless somebody does before.
    /// - Returns: false for an event that was stored before.
    static func insert(
        _ event: Event,
        _ outcome: Outcome?,
        dueAt: Timestamp,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Bool {
        try db.run(
            """
            INSERT INTO stripe_event (id, type, body, received_at, status, attempts, next_attempt_at, error, object_id,
                waits_for) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO NOTHING
            """,
            event.id,
            event.type,
            event.raw,
            now.milliseconds,
            outcome?.status ?? "received",
            outcome == nil ? 0 : 1,
            dueAt.milliseconds,
            outcome?.error,
            event.objectID,
            outcome?.payment
        ) > 0
    }

    static func note(_ outcome: Outcome, of id: String, at now: Timestamp, _ db: borrowing Database) throws {
        switch outcome {
        case .applied, .ignored:
            try db.run(
                """
                UPDATE stripe_event SET status = ?, attempts = attempts + 1, error = ?, waits_for = NULL
                WHERE id = ? AND status IN ('received', 'failed')
                """,
                outcome.status,
                outcome.error,
                id
            )
        case .waits(let payment):
            try setFailed(id, outcome.error ?? "", waitsFor: payment, at: now, db)
        }
    }

    static func has(_ id: String, _ db: borrowing Database) throws -> Bool {
        try db.value("SELECT 1 FROM stripe_event WHERE id = ?", id) as Int64? != nil
    }

    /// Leaves the event for a later attempt, further apart each time; after ``attemptsAtMost`` for a person.
    static func setFailed(
        _ id: String,
        _ error: String,
        waitsFor payment: String? = nil,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let attempts: Int64 = try db.value("SELECT attempts + 1 FROM stripe_event WHERE id = ?", id) ?? 1
        try db.run(
            """
            UPDATE stripe_event SET status = ?, attempts = ?, error = ?, next_attempt_at = ?, waits_for = ?
            WHERE id = ? AND status = 'received'
            """,
            attempts >= attemptsAtMost ? "failed" : "received",
            attempts,
            error,
            now.adding(seconds: Outbox.backoffSeconds(after: attempts)).milliseconds,
            payment,
            id
        )
    }

    /// Puts an event off without counting it as an attempt of its own: the provider does not answer.
    static func postpone(_ id: String, _ error: String, until then: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE stripe_event SET next_attempt_at = ?, error = ? WHERE id = ? AND status = 'received'",
            then.milliseconds,
            error,
            id
        )
    }

    /// Those whose effects wait for an attempt, the longest due first.
    static func due(at now: Timestamp, _ db: borrowing Database) throws -> [(id: String, raw: [UInt8])] {
        try db.all(
            """
            SELECT id, body FROM stripe_event WHERE status = 'received' AND next_attempt_at <= ?
            ORDER BY next_attempt_at LIMIT 200
            """,
            now.milliseconds
        ) { row in (row[0], row.blob(1)) }
    }

    /// All that need a payment which had not been reported, due or not.
    static func waiting(for payment: String, _ db: borrowing Database) throws -> [Event] {
        try db.all("SELECT body FROM stripe_event WHERE status = 'received' AND waits_for = ?", payment) { row in
            try Event(row.blob(0))
        }
    }

    /// Those that a person has to look at, the first of many.
    static func failed(_ db: borrowing Database) throws -> [(id: String, type: String, error: String)] {
        try db.all(
            "SELECT id, type, coalesce(error, '') FROM stripe_event WHERE status = 'failed' ORDER BY id LIMIT 100"
        ) { row in (row[0], row[1], row[2]) }
    }

    static func state(_ id: String, _ db: borrowing Database) throws -> (status: String, error: String?)? {
        try db.first("SELECT status, error FROM stripe_event WHERE id = ?", id) { row in (row[0], row[1]) }
    }

    /// Has an event applied once more, whatever became of it.
    static func replay(_ id: String, at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        try db.run(
            """
            UPDATE stripe_event SET status = 'received', attempts = 0, error = NULL, next_attempt_at = ?,
                waits_for = NULL WHERE id = ?
            """,
            now.milliseconds,
            id
        ) > 0
    }

    /// Removes a part of those that have long been dealt with.
    /// - Returns: whether there is more.
    static func deleteOld(at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        try db.run(
            """
            DELETE FROM stripe_event WHERE id IN (SELECT id FROM stripe_event
                WHERE received_at < ? AND status IN ('applied', 'ignored') LIMIT 500)
            """,
            now.adding(days: -keptDays).milliseconds
        ) > 0
    }
}
