import Storage
import Web

/// Webhook events as stored before they are acknowledged. Every statement on `stripe_event` is in this file.
enum StripeEvents {
    static let attemptsAtMost = 12

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

        var object: JSONValue? { body["data"]?["object"] }
        /// Nil where it does not say.
        var isLive: Bool? {
            switch body["livemode"] {
            case .bool(let isLive)?: isLive
            default: nil
            }
        }
    }

    /// - Returns: false for an event that was stored before.
    static func insert(_ event: Event, at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        try db.run(
            """
            INSERT INTO stripe_event (id, type, body, received_at, next_attempt_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (id) DO NOTHING
            """,
            event.id,
            event.type,
            event.raw,
            now.milliseconds,
            now.adding(seconds: 5).milliseconds
        ) > 0
    }

    static func setDone(_ id: String, applied: Bool, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE stripe_event SET status = ?, attempts = attempts + 1, error = NULL WHERE id = ?",
            applied ? "applied" : "ignored",
            id
        )
    }

    /// Leaves the event for a later attempt, further apart each time; after ``attemptsAtMost`` for a person.
    static func setFailed(_ id: String, _ error: String, at now: Timestamp, _ db: borrowing Database) throws {
        let attempts: Int64 = try db.value("SELECT attempts + 1 FROM stripe_event WHERE id = ?", id) ?? 1
        try db.run(
            "UPDATE stripe_event SET status = ?, attempts = ?, error = ?, next_attempt_at = ? WHERE id = ?",
            attempts >= Int64(attemptsAtMost) ? "failed" : "received",
            attempts,
            error,
            now.adding(seconds: Outbox.backoffSeconds(after: attempts)).milliseconds,
            id
        )
    }

    /// Those whose effects wait for another attempt, by id.
    static func due(at now: Timestamp, _ db: borrowing Database) throws -> [(id: String, raw: [UInt8])] {
        try db.all(
            """
            SELECT id, body FROM stripe_event WHERE status = 'received' AND next_attempt_at <= ?
            ORDER BY next_attempt_at LIMIT 50
            """,
            now.milliseconds
        ) { row in (row[0], row.blob(1)) }
    }

    /// All of a type whose effects wait, due or not.
    static func waiting(_ type: String, _ db: borrowing Database) throws -> [Event] {
        try db.all("SELECT body FROM stripe_event WHERE status = 'received' AND type = ?", type) { row in
            try Event(row.blob(0))
        }
    }
}
