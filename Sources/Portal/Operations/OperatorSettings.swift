import Storage

/// Settings that operators change while it runs. Every statement on `operator_setting` is in this file.
enum OperatorSettings {
    /// - Returns: JSON; nil where nobody has set it.
    static func find(_ name: String, _ db: borrowing Database) throws -> String? {
        try db.value("SELECT value FROM operator_setting WHERE name = ?", name)
    }

    static func set(_ name: String, _ value: String, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            """
            INSERT INTO operator_setting (name, value, updated_at) VALUES (?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
            """,
            name,
            value,
            now.milliseconds
        )
    }
}
