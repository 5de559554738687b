import Storage

extension App {
    /// A key's calls of this month, together with those of the keys in whose place it came.
    func monthlyCalls(of key: KeyRecord, at now: Timestamp, _ db: borrowing Database) throws -> Int64 {
        let counter = Calls.Cell.key(key.countsAs)
        return try calls.used(counter, ofAccount: key.accountID, in: now.month, at: now, db)
    }

    /// An account's calls of this month, and its plan's limit.
    func monthlyCalls(
        ofAccount accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> (used: Int64, limit: Int64?) {
        let used = try calls.used(.account(accountID), ofAccount: accountID, in: now.month, at: now, db)
        return (used, try CallLimits.find(accountID: accountID, appID: nil, db).plan)
    }
}
