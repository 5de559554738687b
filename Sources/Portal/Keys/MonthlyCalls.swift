import Storage

extension App {
    /// A key's calls of this month, together with those of the keys in whose place it came.
    func monthlyCalls(of key: KeyRecord, at now: Timestamp, _ db: borrowing Database) throws -> Int64 {
        0
    }

    /// An account's calls of this month, and its plan's limit.
    func monthlyCalls(
        ofAccount accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> (used: Int64, limit: Int64?) {
        let daily = try RequestCounts.daily(of: accountID, from: now.month.firstDay, to: now.day, db)
        return (daily.values.reduce(0, +), nil)
    }
}
