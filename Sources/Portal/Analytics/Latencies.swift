import Storage

/// How long requests took, by account, day and endpoint. Every statement on `latency_day` is in this file.
enum Latencies {
    static func add(
        _ count: Int64,
        _ cell: RequestCounts.LatencyCell,
        _ endpoint: String,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            INSERT INTO latency_day (account_id, day, endpoint, bucket, requests) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (account_id, day, endpoint, bucket)
            DO UPDATE SET requests = latency_day.requests + excluded.requests
            """,
            cell.accountID,
            cell.day,
            endpoint,
            cell.bucket,
            count
        )
    }

    /// By endpoint, by day (its number as text), or all as one under the empty name.
    static func histograms(
        of accountID: Int64,
        _ days: ClosedRange<Day>,
        by grouping: RequestReport.Grouping,
        _ db: borrowing Database
    ) throws -> [String: LatencyHistogram] {
        var histograms: [String: LatencyHistogram] = [:]
        try db.each(
            """
            SELECT CASE ? WHEN 'endpoint' THEN endpoint WHEN 'day' THEN CAST(day AS TEXT) ELSE '' END,
                bucket, sum(requests)
            FROM latency_day WHERE account_id = ? AND day BETWEEN ? AND ? GROUP BY 1, 2
            """,
            grouping.rawValue,
            accountID,
            days.lowerBound.number,
            days.upperBound.number
        ) { row in
            histograms[row[0], default: LatencyHistogram()].add(row[2], to: row[1])
            return true
        }
        return histograms
    }
}
