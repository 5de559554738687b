import Crypto
import Storage
import Web

/// Invitations into an account, one open for each mail address. Every statement on `invitation` is in this file.
///
/// The token in the mail is 256 random bits, stored as a digest.
enum Invitations {
    static let daysValid = 7
    /// At once in an account, expired ones not counted.
    static let openAtMost: Int64 = 100
    /// Mails of an account in 24 hours: nobody may send strangers as much as they like through us.
    static let mailsPerDay: Int64 = 200
    /// Between two mails of the same invitation.
    static let secondsBetweenMails: Int64 = 60

    struct Invitation: Sendable {
        let id: Int64
        let accountID: Int64
        let accountName: String
        let email: String
        let role: Role
        let inviter: String
        let createdAt: Timestamp
        let expiresAt: Timestamp
    }

    private static func invitation(_ row: borrowing Row) throws -> Invitation {
        Invitation(
            id: row[0],
            accountID: row[1],
            accountName: row[2],
            email: row[3],
            role: try row.raw(4),
            inviter: row[5],
            createdAt: Timestamp(milliseconds: row[6]),
            expiresAt: Timestamp(milliseconds: row[7])
        )
    }

    static func list(of accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws -> [Invitation] {
        try db.all(
            """
            SELECT i.id, i.account_id, a.name, i.email, i.role, p.name, i.created_at, i.expires_at
            FROM invitation i JOIN account a ON a.id = i.account_id JOIN person p ON p.id = i.invited_by
            WHERE i.account_id = ? AND i.expires_at > ? ORDER BY i.id DESC
            """,
            accountID,
            now.milliseconds,
            as: invitation
        )
    }

    /// An expired one too: it can be sent again.
    static func find(_ id: Int64, in accountID: Int64, _ db: borrowing Database) throws -> Invitation? {
        try db.first(
            """
            SELECT i.id, i.account_id, a.name, i.email, i.role, p.name, i.created_at, i.expires_at
            FROM invitation i JOIN account a ON a.id = i.account_id JOIN person p ON p.id = i.invited_by
            WHERE i.id = ? AND i.account_id = ?
            """,
            id,
            accountID,
            as: invitation
        )
    }

    /// - Throws: ``Failure`` 404 for a token that was never given out, used, or is too old: which, nobody is told.
    static func require(token: String, at now: Timestamp, _ db: borrowing Database) throws -> Invitation {
        let found = try db.first(
            """
            SELECT i.id, i.account_id, a.name, i.email, i.role, p.name, i.created_at, i.expires_at
            FROM invitation i JOIN account a ON a.id = i.account_id JOIN person p ON p.id = i.invited_by
            WHERE i.digest = ? AND i.expires_at > ?
            """,
            SHA256.digest(Array(token.utf8)),
            now.milliseconds,
            as: invitation
        )
        guard let found else {
            throw Failure.notFound("This invitation is not valid any more: ask for a new one")
        }
        return found
    }

    /// Takes the place of an expired one to the same address.
    /// - Throws: ``Failure`` 409 where one is open, or too many are.
    static func insert(
        _ email: Email,
        as role: Role,
        into accountID: Int64,
        by personID: Int64,
        token: String,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Int64 {
        try db.run(
            "DELETE FROM invitation WHERE account_id = ? AND email = ? AND expires_at <= ?",
            accountID,
            email.value,
            now.milliseconds
        )
        let open: Int64 = try db.value("SELECT count(*) FROM invitation WHERE account_id = ?", accountID) ?? 0
        guard open < openAtMost else {
            throw Failure.conflict(
                "There are \(openAtMost) open invitations: cancel some",
                code: "too_many_invitations"
            )
        }
        let changes = try db.run(
            """
            INSERT INTO invitation (account_id, email, role, invited_by, digest, created_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account_id, email) DO NOTHING
            """,
            accountID,
            email.value,
            role.rawValue,
            personID,
            SHA256.digest(Array(token.utf8)),
            now.milliseconds,
            now.adding(days: daysValid).milliseconds
        )
        guard changes > 0 else {
            throw Failure.conflict("This address is invited already: send that again", code: "already_invited")
        }
        return db.lastInsertID
    }

    static func countOpen(in accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws -> Int64 {
        try db.value(
            "SELECT count(*) FROM invitation WHERE account_id = ? AND expires_at > ?",
            accountID,
            now.milliseconds
        ) ?? 0
    }

    /// Another token for another mail; the one before is worth nothing from here on.
    static func renew(_ id: Int64, token: String, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE invitation SET digest = ?, created_at = ?, expires_at = ? WHERE id = ?",
            SHA256.digest(Array(token.utf8)),
            now.milliseconds,
            now.adding(days: daysValid).milliseconds,
            id
        )
    }

    static func delete(_ id: Int64, _ db: borrowing Database) throws {
        try db.run("DELETE FROM invitation WHERE id = ?", id)
    }

    static func deleteAll(by personID: Int64, in accountID: Int64, _ db: borrowing Database) throws {
        try db.run("DELETE FROM invitation WHERE account_id = ? AND invited_by = ?", accountID, personID)
    }

    static func deleteExpired(at now: Timestamp, _ db: borrowing Database) throws {
        try db.run("DELETE FROM invitation WHERE expires_at <= ?", now.adding(days: -30).milliseconds)
    }
}
