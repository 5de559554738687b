import Crypto
import Storage
import Web

/// How long a sign-in lasts (ASVS 5.0, 7.3.1 and 7.3.2).
struct SessionTerms: Sendable, Equatable {
    /// Without a request.
    let idleSeconds: Int64
    /// In any case.
    let lifetimeSeconds: Int64
}

/// Signed-in browsers. Every statement on `session` is in this file.
enum Sessions {
    struct Session: Sendable {
        let id: Int64
        let holder: Caller.Holder
        let hasSecondFactor: Bool
    }

    /// Nil when there is none, when it has ended, or when its person was disabled or left the account.
    static func find(token: String, at now: Timestamp, _ settings: Settings, _ db: borrowing Database) throws
        -> Session?
    {
        try db.first(
            """
            SELECT s.id, m.role, s.has_second_factor,
                s.account_id, s.person_id, p.is_operator, p.name, p.email, a.stripe_customer_id, p.created_at,
                p.email_verified_at IS NOT NULL
            FROM session s JOIN person p ON p.id = s.person_id JOIN account a ON a.id = s.account_id
            JOIN member m ON m.account_id = s.account_id AND m.person_id = s.person_id
            WHERE s.digest = ? AND s.expires_at > ? AND p.disabled_at IS NULL
                AND s.last_seen_at > CASE p.is_operator WHEN 1 THEN ? ELSE ? END
            """,
            SHA256.digest(Array(token.utf8)),
            now.milliseconds,
            now.adding(seconds: -settings.operatorSessions.idleSeconds).milliseconds,
            now.adding(seconds: -settings.sessions.idleSeconds).milliseconds
        ) { row in
            Session(
                id: row[0],
                holder: Caller.Holder(row, from: 3, role: Role(rawValue: row[1])),
                hasSecondFactor: row[2]
            )
        }
    }

    /// Stores a new session by the digest of its token: what is in the database signs nobody in.
    ///
    /// The person's oldest ones go, past as many as one may have.
    /// - Returns: its id.
    static func insert(
        token: String,
        person: People.Person,
        accountID: Int64,
        hasSecondFactor: Bool,
        by caller: Caller,
        at now: Timestamp,
        _ settings: Settings,
        _ db: borrowing Database
    ) throws -> Int64 {
        try db.run(
            """
            INSERT INTO session (person_id, account_id, digest, created_at, expires_at, last_seen_at, address,
                user_agent, has_second_factor)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            person.id,
            accountID,
            SHA256.digest(Array(token.utf8)),
            now.milliseconds,
            now.adding(seconds: settings.sessionTerms(of: person).lifetimeSeconds).milliseconds,
            now.milliseconds,
            caller.address,
            caller.userAgent,
            hasSecondFactor
        )
        let id = db.lastInsertID
        try db.run(
            """
            DELETE FROM session WHERE person_id = ? AND id IN
                (SELECT id FROM session WHERE person_id = ? ORDER BY created_at DESC, id DESC LIMIT 10000 OFFSET ?)
            """,
            person.id,
            person.id,
            settings.sessionsPerPerson
        )
        return id
    }

    /// Gives a session a new token; the old one is dead (ASVS 5.0, 7.2.4). It ends when it would have ended.
    /// - Returns: false when the session has gone meanwhile.
    @discardableResult
    static func renew(_ id: Int64, token: String, _ db: borrowing Database) throws -> Bool {
        try db.run("UPDATE session SET digest = ? WHERE id = ?", SHA256.digest(Array(token.utf8)), id) > 0
    }

    /// When it ends in any case.
    static func expiry(of id: Int64, _ db: borrowing Database) throws -> Timestamp? {
        let end: Int64? = try db.value("SELECT expires_at FROM session WHERE id = ?", id)
        return end.map { Timestamp(milliseconds: $0) }
    }

    static func setAccount(_ accountID: Int64, of id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE session SET account_id = ? WHERE id = ?", accountID, id)
    }

    static func setSecondFactor(_ isShown: Bool, of id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE session SET has_second_factor = ? WHERE id = ?", isShown, id)
    }

    /// After the second factor was removed: none of the person's sessions counts as one that showed it.
    static func forgetSecondFactor(ofPerson personID: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE session SET has_second_factor = 0 WHERE person_id = ?", personID)
    }

    static func setSeen(_ id: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE session SET last_seen_at = ? WHERE id = ? AND last_seen_at < ?",
            now.milliseconds,
            id,
            now.milliseconds
        )
    }

    static func delete(_ id: Int64, _ db: borrowing Database) throws {
        try db.run("DELETE FROM session WHERE id = ?", id)
    }

    /// - Returns: whether the person had such a session.
    static func delete(_ id: Int64, ofPerson personID: Int64, _ db: borrowing Database) throws -> Bool {
        try db.run("DELETE FROM session WHERE id = ? AND person_id = ?", id, personID) > 0
    }

    /// Ends all of a person's, or all but one.
    /// - Returns: how many.
    @discardableResult
    static func deleteAll(
        ofPerson personID: Int64,
        except kept: Int64? = nil,
        _ db: borrowing Database
    ) throws -> Int {
        try db.run("DELETE FROM session WHERE person_id = ? AND id <> ?", personID, kept ?? 0)
    }

    /// Ends what a person has open in an account that they no longer belong to.
    static func deleteAll(ofPerson personID: Int64, inAccount accountID: Int64, _ db: borrowing Database) throws {
        try db.run("DELETE FROM session WHERE person_id = ? AND account_id = ?", personID, accountID)
    }

    static func deleteExpired(at now: Timestamp, _ settings: Settings, _ db: borrowing Database) throws {
        try db.run(
            "DELETE FROM session WHERE expires_at <= ? OR last_seen_at <= ?",
            now.milliseconds,
            now.adding(seconds: -max(settings.sessions.idleSeconds, settings.operatorSessions.idleSeconds)).milliseconds
        )
    }
}

extension Sessions {
    /// A session as its person sees it.
    struct Listed: Codable, Sendable {
        struct Account: Codable, Sendable {
            let id: Int64
            let name: String
        }

        let id: Int64
        /// Whether it is the one that asks.
        let current: Bool
        let account: Account
        /// Where it began.
        let address: String
        let userAgent: String
        let secondFactor: Bool
        let createdAt: Timestamp
        let lastSeenAt: Timestamp
        let expiresAt: Timestamp

        enum CodingKeys: String, CodingKey {
            case id, current, account, address
            case userAgent = "user_agent"
            case secondFactor = "second_factor"
            case createdAt = "created_at"
            case lastSeenAt = "last_seen_at"
            case expiresAt = "expires_at"
        }
    }

    /// Those that still work, the newest first.
    static func list(
        ofPerson personID: Int64,
        current: Int64,
        idleSeconds: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> [Listed] {
        try db.all(
            """
            SELECT s.id, s.account_id, a.name, s.address, s.user_agent, s.has_second_factor, s.created_at,
                s.last_seen_at, s.expires_at
            FROM session s JOIN account a ON a.id = s.account_id
            JOIN member m ON m.account_id = s.account_id AND m.person_id = s.person_id
            WHERE s.person_id = ? AND s.expires_at > ? AND s.last_seen_at > ?
            ORDER BY s.created_at DESC, s.id DESC
            """,
            personID,
            now.milliseconds,
            now.adding(seconds: -idleSeconds).milliseconds
        ) { row in
            Listed(
                id: row[0],
                current: row[0] == current,
                account: Listed.Account(id: row[1], name: row[2]),
                address: row[3],
                userAgent: row[4],
                secondFactor: row[5],
                createdAt: Timestamp(milliseconds: row[6]),
                lastSeenAt: Timestamp(milliseconds: row[7]),
                expiresAt: Timestamp(milliseconds: row[8])
            )
        }
    }
}

extension Settings {
    func sessionTerms(of person: People.Person) -> SessionTerms { person.isOperator ? operatorSessions : sessions }
}
