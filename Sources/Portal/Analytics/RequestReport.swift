import Storage
import Web

/// An account's requests of some days, grouped, beside those of as many days before.
struct RequestReport: Sendable {
    enum Grouping: String, Codable, Sendable, CaseIterable, Documented {
        case endpoint, status, key, day, category

        static var sample: Grouping { .endpoint }
    }

    struct Group: Sendable {
        let name: String
        /// A key's hint and label.
        var label: String?
        var requests: Int64 = 0
        var previous: Int64 = 0
        /// Answered with 400 or above.
        var errors: Int64 = 0
        var latency: LatencyHistogram?
    }

    let days: ClosedRange<Day>
    let grouping: Grouping
    let total: Group
    /// Days in their order, the others by requests.
    let groups: [Group]

    /// - Parameter category: that of an endpoint, for the latencies of categories.
    init(
        account id: Int64,
        _ days: ClosedRange<Day>,
        by grouping: Grouping,
        category: (_ endpoint: String) -> String?,
        _ db: borrowing Database
    ) throws {
        (self.days, self.grouping) = (days, grouping)
        var groups = try Self.counts(of: id, days, by: grouping, db)
        var total = Group(name: "total")
        for group in groups.values {
            total.requests += group.requests
            total.previous += group.previous
            total.errors += group.errors
        }
        let isByCategory = grouping == .category
        let found = try Latencies.histograms(of: id, days, by: isByCategory ? .endpoint : grouping, db)
        var latency = LatencyHistogram()
        for (name, histogram) in found {
            latency += histogram
            guard let group = isByCategory ? category(name) : name, let known = groups[group] else { continue }
            groups[group]?.latency = (known.latency ?? LatencyHistogram()) + histogram
        }
        total.latency = latency
        self.total = total
        self.groups = try Self.named(groups, days, grouping, of: id, db)
    }

    private static func counts(
        of id: Int64,
        _ days: ClosedRange<Day>,
        by grouping: Grouping,
        _ db: borrowing Database
    ) throws -> [String: Group] {
        let (first, last) = (days.lowerBound.number, days.upperBound.number)
        let length = last - first + 1
        var groups: [String: Group] = [:]
        // A day is set beside the day that lies as far in the period before.
        try db.each(
            """
            SELECT CASE ? WHEN 'endpoint' THEN endpoint WHEN 'status' THEN CAST(status AS TEXT)
                    WHEN 'key' THEN CAST(key_id AS TEXT) WHEN 'category' THEN category
                    ELSE CAST(CASE WHEN day < ? THEN day + ? ELSE day END AS TEXT) END,
                sum(CASE WHEN day >= ? THEN requests ELSE 0 END), sum(CASE WHEN day < ? THEN requests ELSE 0 END),
                sum(CASE WHEN day >= ? AND status >= 400 THEN requests ELSE 0 END)
            FROM request_day WHERE account_id = ? AND day BETWEEN ? AND ? GROUP BY 1
            """,
            grouping.rawValue,
            first,
            length,
            first,
            first,
            first,
            id,
            first - length,
            last
        ) { row in
            groups[row[0]] = Group(name: row[0], requests: row[1], previous: row[2], errors: row[3])
            return true
        }
        return groups
    }

    /// At most as many groups as anybody reads.
    private static let mostGroups = 1000

    private static func named(
        _ groups: [String: Group],
        _ days: ClosedRange<Day>,
        _ grouping: Grouping,
        of id: Int64,
        _ db: borrowing Database
    ) throws -> [Group] {
        if grouping == .day {
            return (days.lowerBound.number...days.upperBound.number).map { number in
                let found = groups["\(number)"] ?? Group(name: "")
                return Group(
                    name: Day(number: number).text,
                    requests: found.requests,
                    previous: found.previous,
                    errors: found.errors,
                    latency: found.latency
                )
            }
        }
        let sorted = groups.values.sorted { ($1.requests, $1.previous, $0.name) < ($0.requests, $0.previous, $1.name) }
        guard grouping == .key else { return Array(sorted.prefix(mostGroups)) }
        return try sorted.prefix(mostGroups).map { group in
            var group = group
            let record = try Int64(group.name).flatMap { try APIKeys.record($0, of: id, db) }
            group.label = record.map { "\($0.hint) \($0.settings.label)" } ?? "signed-in members"
            return group
        }
    }
}
