import Storage
import Synchronization

/// Counts authenticated calls per account, key, route, status and day, for the account's own analytics.
///
/// Counted in memory and written every second: these figures bill nothing, so a crash may cost the last second of
/// them. What bills is written in the request's own transaction.
final class RequestCounts: Sendable {
    struct Cell: Hashable, Sendable {
        let accountID: Int64
        let keyID: Int64
        let day: Int
        let route: ObjectIdentifier
        let status: Int
    }

    private let counts = Mutex<[Cell: Int64]>([:])

    func add(accountID: Int64, keyID: Int64, route: Route, status: Int, at day: Day) {
        let cell = Cell(
            accountID: accountID,
            keyID: keyID,
            day: day.number,
            route: ObjectIdentifier(route),
            status: status
        )
        counts.withLock { $0[cell, default: 0] += 1 }
    }

    /// Writes what has been counted since the last time; keeps it when the store cannot take it now.
    func flush(to store: Store, _ table: RouteTable) async throws {
        let taken = counts.withLock { counts in
            defer { counts = [:] }
            return counts
        }
        guard !taken.isEmpty else { return }
        let routes = Dictionary(uniqueKeysWithValues: table.routes.map { (ObjectIdentifier($0), $0) })
        do {
            try await store.write { db in
                for (cell, count) in taken {
                    guard let route = routes[cell.route] else { continue }
                    // A gateway's question counts for the key that was asked about, as a use of what is behind it.
                    let category = route.category == .none ? Category.usage : route.category
                    try Self.insert(cell, count, "\(route.method.rawValue) \(route.path)", category, db)
                }
            }
        } catch {
            counts.withLock { $0.merge(taken) { $0 + $1 } }
            throw error
        }
    }

    /// Calls of an account by day, days without any left out.
    static func daily(
        of accountID: Int64,
        from first: Day,
        to last: Day,
        _ db: borrowing Database
    ) throws -> [Int: Int64] {
        var calls: [Int: Int64] = [:]
        try db.each(
            """
            SELECT day, sum(requests) FROM request_day WHERE account_id = ? AND day BETWEEN ? AND ? GROUP BY day
            """,
            accountID,
            first.number,
            last.number
        ) { row in
            calls[row[0]] = row[1]
            return true
        }
        return calls
    }

    private static func insert(
        _ cell: Cell,
        _ count: Int64,
        _ endpoint: String,
        _ category: Category,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            INSERT INTO request_day (account_id, day, key_id, endpoint, category, status, requests)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (account_id, day, key_id, endpoint, status)
            DO UPDATE SET requests = request_day.requests + excluded.requests
            """,
            cell.accountID,
            cell.day,
            cell.keyID,
            endpoint,
            category.rawValue,
            cell.status,
            count
        )
    }
}
