import Storage
import Web

/// Where customers want to be told. Every statement that writes to `webhook_endpoint` is in this file.
enum WebhookEndpoints {
    /// Of one account, and of each of its apps.
    static let (most, mostOfApp) = (50, 10)
    /// For how long the secret before a rotation signs too.
    static let graceSeconds: Int64 = 86_400

    enum Status: String, Codable, Sendable, CaseIterable, Documented {
        case active, disabled

        static var sample: Status { .active }
    }

    /// Why it is told nothing: its owner said so, it answered 410 Gone, or it failed for days.
    enum Reason: String, Codable, Sendable, CaseIterable, Documented {
        case owner, gone, failing

        static var sample: Reason { .owner }
    }

    struct Endpoint: Sendable {
        let id: Int64
        let publicID: String
        let accountID: Int64
        let url: String
        let description: String
        let events: EventPatterns
        let secret: [UInt8]
        let previousSecret: [UInt8]?
        let previousUntil: Timestamp?
        let status: Status
        let reason: Reason?
        let failingSince: Timestamp?
        let warnedAt: Timestamp?
        let pausedUntil: Timestamp
        let createdAt: Timestamp
        /// Nil: it hears of the whole account.
        let appID: Int64?

        fileprivate init(_ row: borrowing Row) throws {
            (id, publicID, accountID, url) = (row[0], row[1], row[2], row[3])
            (description, events, secret) = (row[4], EventPatterns(stored: row[5]), row[6])
            (previousSecret, previousUntil) = (row[7], row.optionalInt(8).map(Timestamp.init(milliseconds:)))
            (status, reason) = (try row.raw(9), try row.optionalRaw(10))
            failingSince = row.optionalInt(11).map(Timestamp.init(milliseconds:))
            warnedAt = row.optionalInt(12).map(Timestamp.init(milliseconds:))
            (pausedUntil, createdAt) = (Timestamp(milliseconds: row[13]), Timestamp(milliseconds: row[14]))
            appID = row.optionalInt(15)
        }
    }

    static func list(of accountID: Int64, _ db: borrowing Database) throws -> [Endpoint] {
        try db.all(
            """
            SELECT id, public_id, account_id, url, description, events, secret, previous_secret, previous_until, status,
                disabled_reason, failing_since, warned_at, paused_until, created_at, app_id FROM webhook_endpoint
            WHERE account_id = ? AND status <> 'deleted' ORDER BY id
            """,
            accountID
        ) { row in try Endpoint(row) }
    }

    /// - Throws: ``Failure`` 404, the same for another account's.
    static func require(_ publicID: String, of accountID: Int64, _ db: borrowing Database) throws -> Endpoint {
        let found = try db.first(
            """
            SELECT id, public_id, account_id, url, description, events, secret, previous_secret, previous_until, status,
                disabled_reason, failing_since, warned_at, paused_until, created_at, app_id FROM webhook_endpoint
            WHERE public_id = ? AND account_id = ? AND status <> 'deleted'
            """,
            publicID,
            accountID
        ) { row in try Endpoint(row) }
        guard let found else { throw Failure.notFound("Webhook endpoint not found") }
        return found
    }

    /// Nil when it is gone.
    static func find(_ id: Int64, _ db: borrowing Database) throws -> Endpoint? {
        try db.first(
            """
            SELECT id, public_id, account_id, url, description, events, secret, previous_secret, previous_until, status,
                disabled_reason, failing_since, warned_at, paused_until, created_at, app_id FROM webhook_endpoint
            WHERE id = ? AND status <> 'deleted'
            """,
            id
        ) { row in try Endpoint(row) }
    }

    /// The account's own hear all, an app's what happens to the app.
    static func listening(
        to event: String,
        of accountID: Int64,
        app: Int64?,
        _ db: borrowing Database
    ) throws -> [Int64] {
        let active = try db.all(
            """
            SELECT id, events FROM webhook_endpoint
            WHERE account_id = ? AND coalesce(app_id, 0) IN (0, ?) AND status <> 'deleted' AND status = 'active'
            """,
            accountID,
            app ?? 0
        ) { row -> (id: Int64, events: String) in (row[0], row[1]) }
        return active.filter { EventPatterns(stored: $0.events).contain(event) }.map(\.id)
    }

    /// - Throws: ``Failure`` 409 for a URL that the account, or the app, has already, and past the most endpoints.
    static func insert(
        _ publicID: String,
        accountID: Int64,
        appID: Int64?,
        url: String,
        description: String,
        events: EventPatterns,
        secret: [UInt8],
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Endpoint {
        let others = try list(of: accountID, db).filter { $0.appID == appID }
        guard others.count < (appID == nil ? most : mostOfApp) else {
            throw Failure.conflict(
                appID == nil
                    ? "An account has at most \(most) webhook endpoints"
                    : "An app has at most \(mostOfApp) webhook endpoints",
                code: "too_many_endpoints"
            )
        }
        guard !others.contains(where: { $0.url.utf8.elementsEqual(url.utf8) }) else { throw taken }
        try db.run(
            """
            INSERT INTO webhook_endpoint (public_id, account_id, app_id, url, description, events, secret, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            publicID,
            accountID,
            appID,
            url,
            description,
            events.text,
            secret,
            now.milliseconds
        )
        return try require(publicID, of: accountID, db)
    }

    private static let taken = Failure.conflict("There is an endpoint with this URL already", code: "url_taken")

    /// What its owner may change. Making it active again forgets how it failed.
    /// - Throws: ``Failure`` 409 for a URL that another endpoint of the account, or of the app, has.
    static func change(
        _ endpoint: Endpoint,
        url: String,
        description: String,
        events: EventPatterns,
        status: Status,
        _ db: borrowing Database
    ) throws -> Endpoint {
        let isTaken = try list(of: endpoint.accountID, db).contains {
            $0.id != endpoint.id && $0.appID == endpoint.appID && $0.url.utf8.elementsEqual(url.utf8)
        }
        guard !isTaken else { throw taken }
        let wakes = status == .active && endpoint.status == .disabled
        let reason = status == .active ? nil : endpoint.reason ?? .owner
        let forgets = wakes || !endpoint.url.utf8.elementsEqual(url.utf8)
        try db.run(
            """
            UPDATE webhook_endpoint SET url = ?, description = ?, events = ?, status = ?, disabled_reason = ?,
                failing_since = ?, warned_at = ?, paused_until = ? WHERE id = ?
            """,
            url,
            description,
            events.text,
            status.rawValue,
            reason?.rawValue,
            forgets ? nil : endpoint.failingSince?.milliseconds,
            forgets ? nil : endpoint.warnedAt?.milliseconds,
            forgets ? 0 : endpoint.pausedUntil.milliseconds,
            endpoint.id
        )
        return try require(endpoint.publicID, of: endpoint.accountID, db)
    }

    /// The secret until now signs too for a day.
    static func rotate(
        _ endpoint: Endpoint,
        to secret: [UInt8],
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Timestamp {
        let until = now.adding(seconds: graceSeconds)
        try db.run(
            "UPDATE webhook_endpoint SET secret = ?, previous_secret = ?, previous_until = ? WHERE id = ?",
            secret,
            endpoint.secret,
            until.milliseconds,
            endpoint.id
        )
        return until
    }

    /// Its log goes with what it tells of, in time.
    static func delete(_ endpoint: Endpoint, _ db: borrowing Database) throws {
        try db.run("UPDATE webhook_endpoint SET status = 'deleted' WHERE id = ?", endpoint.id)
    }

    /// - Returns: those that an app had.
    static func delete(ofApp appID: Int64, _ db: borrowing Database) throws -> [Int64] {
        try db.all(
            """
            UPDATE webhook_endpoint SET status = 'deleted' WHERE app_id = ? AND status <> 'deleted' RETURNING id
            """,
            appID
        ) { row in row[0] }
    }

    static func deleteEmptied(_ db: borrowing Database) throws {
        try db.run(
            """
            DELETE FROM webhook_endpoint WHERE status = 'deleted'
            AND NOT EXISTS (SELECT 1 FROM webhook_delivery d WHERE d.endpoint_id = webhook_endpoint.id)
            """
        )
    }
}

/// How it fares.
extension WebhookEndpoints {
    static func noteSuccess(_ id: Int64, _ db: borrowing Database) throws {
        try db.run(
            """
            UPDATE webhook_endpoint SET failing_since = NULL, warned_at = NULL, paused_until = 0
            WHERE id = ? AND failing_since IS NOT NULL
            """,
            id
        )
    }

    static func noteFailure(
        _ id: Int64,
        pausedUntil: Timestamp?,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            UPDATE webhook_endpoint
            SET failing_since = coalesce(failing_since, ?), paused_until = coalesce(?, paused_until)
            WHERE id = ?
            """,
            now.milliseconds,
            pausedUntil?.milliseconds,
            id
        )
    }

    static func setWarned(_ id: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run("UPDATE webhook_endpoint SET warned_at = ? WHERE id = ?", now.milliseconds, id)
    }

    /// - Returns: whether it was active until now.
    static func disable(_ id: Int64, _ reason: Reason, _ db: borrowing Database) throws -> Bool {
        try db.run(
            "UPDATE webhook_endpoint SET status = 'disabled', disabled_reason = ? WHERE id = ? AND status = 'active'",
            reason.rawValue,
            id
        ) > 0
    }
}
