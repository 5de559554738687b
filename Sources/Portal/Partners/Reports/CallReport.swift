import Storage

/// The calls that an account's keys made, or an app's, as `request_day` has them: by app and day, by endpoint and by
/// category. What was refused for want of a valid key or by a limit was no call.
enum CallReport {
    /// Of each of the account's apps, days without any left out.
    static func daily(
        of accountID: Int64,
        _ days: ClosedRange<Day>,
        _ db: borrowing Database
    ) throws -> [Int64: [Day: Int64]] {
        var calls: [Int64: [Day: Int64]] = [:]
        try db.each(
            """
            SELECT k.app_id, r.day, sum(r.requests) FROM request_day r JOIN api_key k ON k.id = r.key_id
            WHERE r.account_id = ? AND r.day BETWEEN ? AND ? AND k.app_id IS NOT NULL AND k.is_test = 0
                AND r.status NOT IN (401, 429)
            GROUP BY k.app_id, r.day
            """,
            accountID,
            days.lowerBound.number,
            days.upperBound.number
        ) { row in
            calls[row[0], default: [:]][Day(number: row[1])] = row[2]
            return true
        }
        return calls
    }

    struct Part: Sendable {
        let endpoint: String
        /// A ``Category``, by its name.
        let category: String
        let calls: Int64
    }

    /// By endpoint, most called first.
    /// - Parameter appID: nil: of all the account's keys.
    static func endpoints(
        of accountID: Int64,
        app appID: Int64?,
        _ days: ClosedRange<Day>,
        _ db: borrowing Database
    ) throws -> [Part] {
        try db.all(
            """
            SELECT r.endpoint, min(r.category), sum(r.requests) FROM request_day r JOIN api_key k ON k.id = r.key_id
            WHERE r.account_id = ? AND r.day BETWEEN ? AND ? AND (? IS NULL OR k.app_id = ?) AND k.is_test = 0
                AND r.status NOT IN (401, 429)
            GROUP BY r.endpoint ORDER BY 3 DESC, 1
            """,
            accountID,
            days.lowerBound.number,
            days.upperBound.number,
            appID,
            appID
        ) { row in Part(endpoint: row[0], category: row[1], calls: row[2]) }
    }
}
