import Storage

/// People: who signs in. Every statement on `person` is in this file.
enum People {
    struct Person: Sendable {
        let id: Int64
        let email: String
        let name: String
        let passwordHash: String?
        let isOperator: Bool
        let createdAt: Timestamp
    }

    static func find(_ id: Int64, _ db: borrowing Database) throws -> Person? {
        try db.first(
            "SELECT id, email, name, password_hash, is_operator, created_at FROM person WHERE id = ?",
            id,
            as: person
        )
    }

    static func find(email: Email, _ db: borrowing Database) throws -> Person? {
        try db.first(
            "SELECT id, email, name, password_hash, is_operator, created_at FROM person WHERE email = ?",
            email.value,
            as: person
        )
    }

    private static func person(_ row: borrowing Row) -> Person {
        Person(
            id: row[0],
            email: row[1],
            name: row[2],
            passwordHash: row[3],
            isOperator: row[4],
            createdAt: Timestamp(milliseconds: row[5])
        )
    }

    /// - Throws: ``Failure`` 409 when the address is taken.
    static func insert(
        email: Email,
        name: String,
        passwordHash: String?,
        isOperator: Bool = false,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Int64 {
        let changes = try db.run(
            """
            INSERT INTO person (email, name, password_hash, is_operator, created_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (email) DO NOTHING
            """,
            email.value,
            name,
            passwordHash,
            isOperator,
            now.milliseconds
        )
        guard changes > 0 else { throw Register.taken }
        return db.lastInsertID
    }

    static func count(_ db: borrowing Database) throws -> Int64 {
        try db.value("SELECT count(*) FROM person") ?? 0
    }

    static func setPasswordHash(_ hash: String, of id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE person SET password_hash = ? WHERE id = ?", hash, id)
    }
}
