import Storage

/// A customer's applications. Every statement on `app` is in this file, but for the look-up of keys.
enum Apps {
    static func has(_ id: Int64, account: Int64, _ db: borrowing Database) throws -> Bool {
        try db.value("SELECT id FROM app WHERE id = ? AND account_id = ? AND deleted_at IS NULL", id, account) as Int64?
            != nil
    }
}
