import Storage

/// API keys. Every statement on `api_key` is in this file.
enum APIKeys {
    struct Found {
        let id: Int64
        let holder: Caller.Holder
        let isActive: Bool
    }

    static func find(digest: [UInt8], _ db: borrowing Database) throws -> Found? {
        try db.first(
            """
            SELECT k.id, k.account_id, k.person_id, p.is_operator, k.revoked_at IS NULL AND a.status = 'active'
            FROM api_key k JOIN person p ON p.id = k.person_id JOIN account a ON a.id = k.account_id
            WHERE k.digest = ?
            """,
            digest
        ) { row in
            Found(
                id: row[0],
                holder: Caller.Holder(accountID: row[1], userID: row[2], isOperator: row[3]),
                isActive: row[4]
            )
        }
    }

    /// Stores a key by its digest; the key itself never reaches the database.
    @discardableResult
    static func insert(
        _ key: APIKey,
        digest: [UInt8],
        label: String,
        accountID: Int64,
        personID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Int64 {
        try db.run(
            "INSERT INTO api_key (account_id, person_id, digest, hint, label, created_at) VALUES (?, ?, ?, ?, ?, ?)",
            accountID,
            personID,
            digest,
            key.hint,
            label,
            now.milliseconds
        )
        return db.lastInsertID
    }

    /// - Returns: whether there was such a key that was not revoked before.
    static func revoke(_ id: Int64, at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        try db.run("UPDATE api_key SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", now.milliseconds, id) > 0
    }
}
