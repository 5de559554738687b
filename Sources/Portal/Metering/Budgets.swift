import Storage
import Web

/// What accounts are willing to spend in a month. Every statement on `budget` is in this file, but for the look-ups
/// of ``Quota`` and ``CallLimits``.
enum Budgets {
    struct Budget: Sendable, Equatable {
        let amount: Cents
        /// Further use is refused past it, not only told of.
        let stops: Bool

        var micros: Int64 { amount.dollars.micros }
    }

    static func find(_ accountID: Int64, _ db: borrowing Database) throws -> Budget? {
        try db.first("SELECT amount, stops FROM budget WHERE account_id = ?", accountID) { row in
            Budget(amount: Cents(row[0]), stops: row[1])
        }
    }

    static func set(_ budget: Budget, of accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            """
            INSERT INTO budget (account_id, amount, stops, updated_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (account_id) DO UPDATE SET
                amount = excluded.amount, stops = excluded.stops, updated_at = excluded.updated_at
            """,
            accountID,
            budget.amount.value,
            budget.stops,
            now.milliseconds
        )
    }

    /// - Returns: whether there was one.
    static func delete(of accountID: Int64, _ db: borrowing Database) throws -> Bool {
        try db.run("DELETE FROM budget WHERE account_id = ?", accountID) > 0
    }
}
