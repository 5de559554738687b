import Storage

/// What a store is, and what it still has to do. Every statement on `store_mark` is in this file.
enum StoreMarks {
    enum Mark: String, Sendable {
        /// An older version's uses have no digests in their totals yet.
        case digestsDue = "digests_due"
        /// The last ledger entry that stands in the sums by month.
        case ledgerMonthsUntil = "ledger_months_until"
        /// Every account knows when it is billed next: those of an older version's store were told.
        case closesSet = "closes_set"
        /// A copy whose time stands still, in milliseconds since 1970 (``HouseClock``).
        case testClock = "test_clock"
    }

    static func find(_ mark: Mark, _ db: borrowing Database) throws -> String? {
        try db.value("SELECT value FROM store_mark WHERE name = ?", mark.rawValue)
    }

    static func put(_ mark: Mark, _ value: String = "", _ db: borrowing Database) throws {
        try db.run(
            """
            INSERT INTO store_mark (name, value) VALUES (?, ?)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """,
            mark.rawValue,
            value
        )
    }

    static func remove(_ mark: Mark, _ db: borrowing Database) throws {
        try db.run("DELETE FROM store_mark WHERE name = ?", mark.rawValue)
    }
}
