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
        return (used, try CallLimits.find(accountID: accountID, appID: nil, in: now.month, db).plan)
    }

    /// An account's calls by day up to today, days without any left out. Today's are what the month's count has beyond
    /// the days before, so that they are as new as that.
    func dailyCalls(
        ofAccount accountID: Int64,
        since first: Day,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> [Day: Int64] {
        let month = now.month
        var daily = try CallMonths.daily(of: accountID, min(first, month.firstDay)...now.day, db)
        let before = daily.reduce(0) { $1.key.month == month && $1.key < now.day ? $0 + $1.value : $0 }
        let used = try calls.used(.account(accountID), ofAccount: accountID, in: month, at: now, db)
        daily[now.day] = max(0, used - before)
        return daily.filter { $0.key >= first }
    }
}
