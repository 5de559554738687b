import Crypto
import Storage
import Web

/// Tokens that work once: what a mail's link or a half-finished sign-in brings back. Every statement on
/// `single_use_token` is in this file.
///
/// 256 random bits, stored as a digest only (ASVS 5.0, 6.4.1).
enum SingleUseTokens {
    /// For links that were used before, have expired, or were never sent.
    static let stale = Failure.badRequest("This link has expired or was used before", code: "invalid_token")

    enum Purpose: String, Sendable {
        case verifyEmail = "verify_email"
        case resetPassword = "reset_password"
        case secondFactor = "second_factor"
        case linkIdentity = "link_identity"
        case openIDSignIn = "openid_sign_in"
    }

    struct Taken: Sendable {
        let personID: Int64?
        let data: String
    }

    static func make(_ app: App) throws -> String { Base64.encode(try app.random(32), as: .url) }

    /// - Parameters:
    ///   - token: from ``make(_:)``; its digest is stored.
    ///   - data: what must come back with it.
    static func insert(
        _ token: String,
        for purpose: Purpose,
        personID: Int64?,
        data: String = "",
        lasting seconds: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            INSERT INTO single_use_token (digest, purpose, person_id, data, created_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            SHA256.digest(Array(token.utf8)),
            purpose.rawValue,
            personID,
            data,
            now.milliseconds,
            now.adding(seconds: seconds).milliseconds
        )
    }

    /// What a token was made for, without taking it.
    static func find(
        _ token: String,
        for purpose: Purpose,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Taken? {
        try db.first(
            "SELECT person_id, data FROM single_use_token WHERE digest = ? AND purpose = ? AND expires_at > ?",
            SHA256.digest(Array(token.utf8)),
            purpose.rawValue,
            now.milliseconds
        ) { row in Taken(personID: row[0], data: row[1]) }
    }

    /// Nil for a token that was taken before, has expired, or was made for something else.
    static func take(
        _ token: String,
        for purpose: Purpose,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Taken? {
        guard let found = try find(token, for: purpose, at: now, db) else { return nil }
        try db.run("DELETE FROM single_use_token WHERE digest = ?", SHA256.digest(Array(token.utf8)))
        return found
    }

    /// A new one takes the place of those before it.
    static func deleteAll(_ purpose: Purpose, of personID: Int64, _ db: borrowing Database) throws {
        try db.run(
            "DELETE FROM single_use_token WHERE person_id = ? AND purpose = ?",
            personID,
            purpose.rawValue
        )
    }

    static func deleteAll(of personID: Int64, _ db: borrowing Database) throws {
        try db.run("DELETE FROM single_use_token WHERE person_id = ?", personID)
    }

    /// When the newest one that waits was made.
    static func newest(
        _ purpose: Purpose,
        of personID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Timestamp? {
        try db.value(
            "SELECT max(created_at) FROM single_use_token WHERE person_id = ? AND purpose = ? AND expires_at > ?",
            personID,
            purpose.rawValue,
            now.milliseconds
        ).map { Timestamp(milliseconds: $0) }
    }

    static func deleteExpired(at now: Timestamp, _ db: borrowing Database) throws {
        try db.run("DELETE FROM single_use_token WHERE expires_at <= ?", now.milliseconds)
    }
}
