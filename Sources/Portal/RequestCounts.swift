import Storage
import Synchronization

/// Counts authenticated calls per account, key, route, status and day, and how long they took, for the account's own
/// analytics.
///
/// Counted in memory and written every second: these figures bill nothing, so a crash may cost the last second of
/// them. What bills is written in the request's own transaction, or counted by ``Calls``.
final class RequestCounts: Sendable {
    struct Cell: Hashable, Sendable {
        let accountID: Int64
        let keyID: Int64
        let day: Int
        let route: ObjectIdentifier
        let status: Int
    }

    struct LatencyCell: Hashable, Sendable {
        let accountID: Int64
        let day: Int
        let route: ObjectIdentifier
        let bucket: Int
    }

    /// What a request counts in; the rows are sums over one part of it or the other.
    private struct Outcome: Hashable, Sendable {
        let cell: Cell
        let bucket: Int

        var latency: LatencyCell {
            LatencyCell(accountID: cell.accountID, day: cell.day, route: cell.route, bucket: bucket)
        }
    }

    private typealias Counts = [Outcome: Int64]

    /// One lock for a part of the accounts, so that they do not wait for each other.
    private final class Shard: Sendable {
        let counts = Mutex(Counts())
    }

    private let shards = (0..<16).map { _ in Shard() }

    /// - Parameter micros: how long the answer took, in microseconds.
    func add(accountID: Int64, keyID: Int64, route: Route, status: Int, micros: Int64, at day: Day) {
        let id = ObjectIdentifier(route)
        let cell = Cell(accountID: accountID, keyID: keyID, day: day.number, route: id, status: status)
        let outcome = Outcome(cell: cell, bucket: LatencyHistogram.bucket(of: micros))
        shards[Int(truncatingIfNeeded: accountID & 15)].counts.withLock { $0[outcome, default: 0] += 1 }
    }

    /// Writes what has been counted since the last time; keeps it when the store cannot take it now.
    func flush(to store: Store, _ table: RouteTable) async throws {
        let taken = drain()
        guard !taken.isEmpty else { return }
        let requests = Dictionary(taken.map { ($0.key.cell, $0.value) }, uniquingKeysWith: +)
        let latencies = Dictionary(taken.map { ($0.key.latency, $0.value) }, uniquingKeysWith: +)
        let routes = Dictionary(uniqueKeysWithValues: table.routes.map { (ObjectIdentifier($0), $0) })
        do {
            try await store.write { db in
                for (cell, count) in requests {
                    guard let route = routes[cell.route] else { continue }
                    // A gateway's question counts for the key that was asked about, as a use of what is behind it.
                    let category = route.category == .none ? Category.usage : route.category
                    try Self.insert(cell, count, route.operationName, category, db)
                }
                for (cell, count) in latencies {
                    guard let route = routes[cell.route] else { continue }
                    try Latencies.add(count, cell, route.operationName, db)
                }
            }
        } catch {
            shards[0].counts.withLock { $0.merge(taken, uniquingKeysWith: +) }
            throw error
        }
    }

    private func drain() -> Counts {
        var all = Counts()
        for shard in shards {
            let counts = shard.counts.withLock { counts in
                defer { counts = Counts() }
                return counts
            }
            all.merge(counts, uniquingKeysWith: +)
        }
        return all
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
