import Storage
import Web

/// Who people are at the providers where they sign in: issuer and subject, never a mail address, which may pass to
/// somebody else. Every statement on `identity` is in this file.
enum Identities {
    struct Identity: Sendable {
        let id: Int64
        let issuer: String
        let email: String
        let createdAt: Timestamp
    }

    struct Known: Sendable {
        let holder: Caller.Holder
        let hasSecondFactor: Bool
    }

    static func person(issuer: String, subject: String, _ db: borrowing Database) throws -> Int64? {
        try db.value("SELECT person_id FROM identity WHERE issuer = ? AND subject = ?", issuer, subject)
    }

    /// The person in their first account, for a caller who brings an ID token; nil for unknown and disabled ones.
    static func find(issuer: String, subject: String, _ db: borrowing Database) throws -> Known? {
        try db.first(
            """
            SELECT p.totp_confirmed_at IS NOT NULL, m.role,
                m.account_id, p.id, p.is_operator, p.name, p.email, a.stripe_customer_id, p.created_at,
                p.email_verified_at IS NOT NULL
            FROM identity i JOIN person p ON p.id = i.person_id JOIN member m ON m.person_id = p.id
            JOIN account a ON a.id = m.account_id
            WHERE i.issuer = ? AND i.subject = ? AND p.disabled_at IS NULL
            ORDER BY m.account_id LIMIT 1
            """,
            issuer,
            subject
        ) { row in Known(holder: Caller.Holder(row, from: 2, role: Role(rawValue: row[1])), hasSecondFactor: row[0]) }
    }

    static func all(ofPerson id: Int64, _ db: borrowing Database) throws -> [Identity] {
        try db.all(
            "SELECT id, issuer, email, created_at FROM identity WHERE person_id = ? ORDER BY id",
            id
        ) { row in
            Identity(id: row[0], issuer: row[1], email: row[2], createdAt: Timestamp(milliseconds: row[3]))
        }
    }

    /// - Throws: ``Failure`` 409 when the identity is somebody's already.
    static func insert(
        _ claims: IDClaims,
        personID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let changes = try db.run(
            """
            INSERT INTO identity (issuer, subject, person_id, email, created_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (issuer, subject) DO NOTHING
            """,
            claims.issuer,
            claims.subject,
            personID,
            claims.email ?? "",
            now.milliseconds
        )
        guard changes > 0 else {
            throw Failure.conflict("This identity is linked to a person already", code: "identity_taken")
        }
    }

    static func delete(_ id: Int64, ofPerson personID: Int64, _ db: borrowing Database) throws {
        try db.run("DELETE FROM identity WHERE id = ? AND person_id = ?", id, personID)
    }
}
