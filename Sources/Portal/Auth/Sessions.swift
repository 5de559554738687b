import Crypto
import Storage
import Web

/// Signed-in browsers. Every statement on `session` is in this file.
enum Sessions {
    /// How long a sign-in lasts at most.
    static let daysAtMost = 30

    struct Session: Sendable {
        let id: Int64
        let holder: Caller.Holder
    }

    static func find(digest: [UInt8], at now: Timestamp, _ db: borrowing Database) throws -> Session? {
        try db.first(
            """
            SELECT s.id, m.role,
                s.account_id, s.person_id, p.is_operator, p.name, p.email, a.stripe_customer_id, p.created_at
            FROM session s JOIN person p ON p.id = s.person_id JOIN account a ON a.id = s.account_id
            JOIN member m ON m.account_id = s.account_id AND m.person_id = s.person_id
            WHERE s.digest = ? AND s.expires_at > ? AND p.disabled_at IS NULL
            """,
            digest,
            now.milliseconds
        ) { row in
            Session(id: row[0], holder: Caller.Holder(row, from: 2, role: Role(rawValue: row[1])))
        }
    }

    /// Stores a new session by the digest of its token: what is in the database signs nobody in.
    static func insert(
        token: String,
        personID: Int64,
        accountID: Int64,
        by caller: Caller,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            INSERT INTO session (person_id, account_id, digest, created_at, expires_at, last_seen_at, address,
                user_agent)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            personID,
            accountID,
            SHA256.digest(Array(token.utf8)),
            now.milliseconds,
            now.adding(days: daysAtMost).milliseconds,
            now.milliseconds,
            caller.address,
            caller.userAgent
        )
    }

    static func delete(_ id: Int64, _ db: borrowing Database) throws {
        try db.run("DELETE FROM session WHERE id = ?", id)
    }

    static func deleteExpired(at now: Timestamp, _ db: borrowing Database) throws {
        try db.run("DELETE FROM session WHERE expires_at <= ?", now.milliseconds)
    }
}

/// The cookie that carries a session's token.
enum SessionCookie {
    static let secureName = "__Host-session"
    static let plainName = "session_token"

    /// `__Host-` binds the cookie to this host over HTTPS (RFC 6265bis, section 4.1.3.2); plain HTTP is for loopback.
    static func header(token: String, isSecure: Bool, maxAge: Int) -> Header {
        let name = isSecure ? secureName : plainName
        let secure = isSecure ? "; Secure" : ""
        return Header("Set-Cookie", "\(name)=\(token); Path=/; HttpOnly; SameSite=Lax; Max-Age=\(maxAge)\(secure)")
    }
}
