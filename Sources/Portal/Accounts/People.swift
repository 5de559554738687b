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
        let isVerified: Bool
        let isDisabled: Bool
        let hasSecondFactor: Bool
    }

    static func find(_ id: Int64, _ db: borrowing Database) throws -> Person? {
        try db.first(
            """
            SELECT id, email, name, password_hash, is_operator, created_at, email_verified_at IS NOT NULL,
                disabled_at IS NOT NULL, totp_confirmed_at IS NOT NULL
            FROM person WHERE id = ?
            """,
            id,
            as: person
        )
    }

    /// Where the site's operators get mail.
    static func operatorEmails(_ db: borrowing Database) throws -> [String] {
        try db.all("SELECT email FROM person WHERE is_operator = 1 AND disabled_at IS NULL ORDER BY id") { row in row[0]
        }
    }

    static func find(email: Email, _ db: borrowing Database) throws -> Person? {
        try db.first(
            """
            SELECT id, email, name, password_hash, is_operator, created_at, email_verified_at IS NOT NULL,
                disabled_at IS NOT NULL, totp_confirmed_at IS NOT NULL
            FROM person WHERE email = ?
            """,
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
            createdAt: Timestamp(milliseconds: row[5]),
            isVerified: row[6],
            isDisabled: row[7],
            hasSecondFactor: row[8]
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

    /// - Returns: whether it was not verified before.
    @discardableResult
    static func setVerified(_ id: Int64, at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        try db.run(
            "UPDATE person SET email_verified_at = ? WHERE id = ? AND email_verified_at IS NULL",
            now.milliseconds,
            id
        ) > 0
    }

    /// Ends all their sessions and half-finished sign-ins at once, and lets nobody in as them until ``enable(_:_:)``.
    /// - Returns: whether there was such a person who was not disabled before.
    @discardableResult
    static func disable(_ id: Int64, at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        let changes = try db.run(
            "UPDATE person SET disabled_at = ? WHERE id = ? AND disabled_at IS NULL",
            now.milliseconds,
            id
        )
        try Sessions.deleteAll(ofPerson: id, db)
        try SingleUseTokens.deleteAll(of: id, db)
        return changes > 0
    }

    /// - Returns: whether there was such a person who was disabled before.
    @discardableResult
    static func enable(_ id: Int64, _ db: borrowing Database) throws -> Bool {
        try db.run("UPDATE person SET disabled_at = NULL WHERE id = ? AND disabled_at IS NOT NULL", id) > 0
    }
}

extension People {
    /// The seed of a person's one-time passwords, as it is stored.
    struct Seed {
        let sealed: [UInt8]
        let isConfirmed: Bool
        let lastStep: Int64
    }

    static func seed(of id: Int64, _ db: borrowing Database) throws -> Seed? {
        try db.first(
            """
            SELECT totp_seed, totp_confirmed_at IS NOT NULL, totp_last_step FROM person
            WHERE id = ? AND totp_seed IS NOT NULL
            """,
            id
        ) { row in Seed(sealed: row[0], isConfirmed: row[1], lastStep: row[2]) }
    }

    /// Takes the place of one that was not confirmed; a confirmed one stays.
    /// - Returns: whether it was stored.
    static func setSeed(_ sealed: [UInt8], of id: Int64, _ db: borrowing Database) throws -> Bool {
        try db.run(
            "UPDATE person SET totp_seed = ?, totp_last_step = 0 WHERE id = ? AND totp_confirmed_at IS NULL",
            sealed,
            id
        ) > 0
    }

    static func confirmSeed(of id: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run("UPDATE person SET totp_confirmed_at = ? WHERE id = ?", now.milliseconds, id)
    }

    /// A code counts once: only a later step than the last one is stored.
    static func setLastStep(_ step: Int64, of id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE person SET totp_last_step = ? WHERE id = ? AND totp_last_step < ?", step, id, step)
    }

    static func removeSeed(of id: Int64, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE person SET totp_seed = NULL, totp_confirmed_at = NULL, totp_last_step = 0 WHERE id = ?",
            id
        )
    }
}

extension People {
    /// A person as a sysadmin sees them.
    struct Listed: Codable, Sendable {
        let id: Int64
        let email: String
        let name: String
        let isOperator: Bool
        let isVerified: Bool
        let isDisabled: Bool
        let hasPassword: Bool
        let hasSecondFactor: Bool
        let createdAt: Timestamp

        enum CodingKeys: String, CodingKey {
            case id, email, name
            case isOperator = "is_operator"
            case isVerified = "is_verified"
            case isDisabled = "is_disabled"
            case hasPassword = "has_password"
            case hasSecondFactor = "has_second_factor"
            case createdAt = "created_at"
        }
    }

    /// By id, those after `id`.
    static func listed(after id: Int64, limit: Int64, onlyOperators: Bool, _ db: borrowing Database) throws -> [Listed]
    {
        try db.all(
            """
            SELECT id, email, name, is_operator, email_verified_at IS NOT NULL, disabled_at IS NOT NULL,
                password_hash IS NOT NULL, totp_confirmed_at IS NOT NULL, created_at
            FROM person WHERE id > ? AND is_operator >= ? ORDER BY id LIMIT ?
            """,
            id,
            onlyOperators,
            limit,
            as: listed
        )
    }

    static func listed(email: Email, _ db: borrowing Database) throws -> Listed? {
        try db.first(
            """
            SELECT id, email, name, is_operator, email_verified_at IS NOT NULL, disabled_at IS NOT NULL,
                password_hash IS NOT NULL, totp_confirmed_at IS NOT NULL, created_at
            FROM person WHERE email = ?
            """,
            email.value,
            as: listed
        )
    }

    private static func listed(_ row: borrowing Row) -> Listed {
        Listed(
            id: row[0],
            email: row[1],
            name: row[2],
            isOperator: row[3],
            isVerified: row[4],
            isDisabled: row[5],
            hasPassword: row[6],
            hasSecondFactor: row[7],
            createdAt: Timestamp(milliseconds: row[8])
        )
    }

    static func setOperator(_ isOperator: Bool, _ id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE person SET is_operator = ? WHERE id = ?", isOperator, id)
    }
}
