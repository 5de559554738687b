import Storage
import Web

/// A customer's applications. Every statement on `app` is in this file, but for the look-up of keys.
enum Apps {
    /// Of an account whose plan has no limit of its own.
    static let most: Int64 = 1000

    static func has(_ id: Int64, account: Int64, _ db: borrowing Database) throws -> Bool {
        try db.value("SELECT id FROM app WHERE id = ? AND account_id = ? AND deleted_at IS NULL", id, account) as Int64?
            != nil
    }

    /// - Returns: nil for another account's, and for one that was deleted.
    static func find(_ publicID: String, of accountID: Int64, _ db: borrowing Database) throws -> CustomerApp? {
        try db.first(
            """
            SELECT id, public_id, account_id, name, description, website, monthly_limit, fraud_rules, status,
                created_at, updated_at
            FROM app WHERE public_id = ? AND account_id = ? AND deleted_at IS NULL
            """,
            publicID,
            accountID,
            as: CustomerApp.init
        )
    }

    /// - Throws: ``Failure`` 404.
    static func require(_ publicID: String, of accountID: Int64, _ db: borrowing Database) throws -> CustomerApp {
        guard let app = try find(publicID, of: accountID, db) else { throw Failure.notFound("App not found") }
        return app
    }

    /// - Returns: nil for one that was deleted.
    static func find(id: Int64, _ db: borrowing Database) throws -> CustomerApp? {
        try db.first(
            """
            SELECT id, public_id, account_id, name, description, website, monthly_limit, fraud_rules, status,
                created_at, updated_at
            FROM app WHERE id = ? AND deleted_at IS NULL
            """,
            id,
            as: CustomerApp.init
        )
    }

    /// Anybody's, for operators.
    static func find(_ publicID: String, _ db: borrowing Database) throws -> CustomerApp? {
        try db.first(
            """
            SELECT id, public_id, account_id, name, description, website, monthly_limit, fraud_rules, status,
                created_at, updated_at
            FROM app WHERE public_id = ? AND deleted_at IS NULL
            """,
            publicID,
            as: CustomerApp.init
        )
    }

    /// The newest first.
    static func list(of accountID: Int64, _ db: borrowing Database) throws -> [CustomerApp] {
        try db.all(
            """
            SELECT id, public_id, account_id, name, description, website, monthly_limit, fraud_rules, status,
                created_at, updated_at
            FROM app WHERE account_id = ? AND deleted_at IS NULL ORDER BY id DESC
            """,
            accountID,
            as: CustomerApp.init
        )
    }

    static func count(of accountID: Int64, _ db: borrowing Database) throws -> Int64 {
        try db.value("SELECT count(*) FROM app WHERE account_id = ? AND deleted_at IS NULL", accountID) ?? 0
    }

    /// Public id and name of one that may have been deleted since, for what is told of it.
    static func named(id: Int64, _ db: borrowing Database) throws -> (publicID: String, name: String)? {
        try db.first("SELECT coalesce(public_id, ''), name FROM app WHERE id = ?", id) { row in (row[0], row[1]) }
    }

    /// The name of one that may have been deleted since, for what is told of it.
    static func name(of id: Int64, _ db: borrowing Database) throws -> String? {
        try db.value("SELECT name FROM app WHERE id = ?", id)
    }

    /// Those that have a limit of their own.
    static func limited(
        of accountID: Int64,
        _ db: borrowing Database
    ) throws -> [(id: Int64, name: String, limit: Int64)] {
        try db.all(
            """
            SELECT id, name, monthly_limit FROM app
            WHERE account_id = ? AND monthly_limit IS NOT NULL AND deleted_at IS NULL ORDER BY id
            """,
            accountID
        ) { row in (row[0], row[1], row[2]) }
    }

    static func insert(
        _ terms: CustomerApp.Terms,
        publicID: String,
        accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Int64 {
        try db.run(
            """
            INSERT INTO app (public_id, account_id, name, description, website, monthly_limit, fraud_rules, created_at,
                updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            publicID,
            accountID,
            terms.name,
            terms.description,
            terms.website,
            terms.monthlyLimit,
            try terms.storedRules(),
            now.milliseconds,
            now.milliseconds
        )
        return db.lastInsertID
    }

    static func update(_ id: Int64, _ terms: CustomerApp.Terms, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            """
            UPDATE app SET name = ?, description = ?, website = ?, monthly_limit = ?, fraud_rules = ?, updated_at = ?
            WHERE id = ?
            """,
            terms.name,
            terms.description,
            terms.website,
            terms.monthlyLimit,
            try terms.storedRules(),
            now.milliseconds,
            id
        )
    }

    static func setStatus(
        _ status: CustomerApp.Status,
        of id: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try db.run(
            "UPDATE app SET status = ?, updated_at = ? WHERE id = ?",
            status.rawValue,
            now.milliseconds,
            id
        )
    }

    /// The row stays, for what was counted and earned under it.
    static func delete(_ id: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run("UPDATE app SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL", now.milliseconds, id)
    }
}

extension CustomerApp.Terms {
    fileprivate func storedRules() throws -> String {
        guard let fraudRules else { return "{}" }
        return String(decoding: try JSONEncoding.bytes(of: fraudRules), as: UTF8.self)
    }
}

extension CustomerApp {
    /// The columns in the order in which the statements above name them.
    fileprivate init(_ row: borrowing Row) throws {
        let rules = try JSONParser.parse(Array((row[7] as String).utf8))
        let createdAt = Timestamp(milliseconds: row[9])
        self.init(
            id: row[0],
            publicID: row[1],
            accountID: row[2],
            terms: Terms(
                name: row[3],
                description: row[4],
                website: row[5],
                monthlyLimit: row[6],
                fraudRules: rules == .object([]) ? nil : rules
            ),
            status: try row.raw(8),
            createdAt: createdAt,
            updatedAt: row.optionalInt(10).map(Timestamp.init(milliseconds:)) ?? createdAt
        )
    }
}
