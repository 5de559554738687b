import Storage

/// API keys. Every statement on `api_key` is in this file.
enum APIKeys {
    struct Found {
        let grant: Caller.KeyGrant
        let holder: Caller.Holder
        let isActive: Bool
    }

    static func find(digest: [UInt8], at now: Timestamp, _ db: borrowing Database) throws -> Found? {
        try db.first(
            """
            SELECT k.id, k.revoked_at IS NULL AND a.status = 'active' AND coalesce(k.expires_at > ?, 1),
                k.scopes, k.is_test,
                k.account_id, k.person_id, p.is_operator, p.name, p.email, a.stripe_customer_id, p.created_at
            FROM api_key k JOIN person p ON p.id = k.person_id JOIN account a ON a.id = k.account_id
            WHERE k.digest = ?
            """,
            now.milliseconds,
            digest
        ) { row in
            Found(
                grant: Caller.KeyGrant(id: row[0], scopes: Scopes(stored: row[2]), isTest: row[3]),
                holder: Caller.Holder(row, from: 4),
                isActive: row[1]
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

extension Caller.Holder {
    /// Account, person, whether an operator, and the profile's four, in this order from column `first` on.
    init(_ row: borrowing Row, from first: Int, role: Role? = nil) {
        self.init(
            accountID: row[first],
            userID: row[first + 1],
            isOperator: row[first + 2],
            profile: Caller.Profile(
                name: row[first + 3],
                email: row[first + 4],
                stripeCustomerID: row[first + 5],
                createdAt: Timestamp(milliseconds: row[first + 6])
            ),
            role: role
        )
    }
}
