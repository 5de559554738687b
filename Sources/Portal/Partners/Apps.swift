import Storage

/// A customer's applications. Every statement on `app` is in this file, but for the look-up of keys.
enum Apps {
    static func has(_ id: Int64, account: Int64, _ db: borrowing Database) throws -> Bool {
        try db.value("SELECT id FROM app WHERE id = ? AND account_id = ? AND deleted_at IS NULL", id, account) as Int64?
            != nil
    }

    /// Calls; nil: only the plan's.
    static func monthlyLimit(_ id: Int64, _ db: borrowing Database) throws -> Int64? {
        try db.value("SELECT monthly_limit FROM app WHERE id = ? AND monthly_limit IS NOT NULL", id)
    }

    /// All of an account, those too that are deleted.
    static func names(of accountID: Int64, _ db: borrowing Database) throws -> [Int64: String] {
        let found = try db.all("SELECT id, name FROM app WHERE account_id = ?", accountID) { row -> (Int64, String) in
            (row[0], row[1])
        }
        return Dictionary(uniqueKeysWithValues: found)
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
}
