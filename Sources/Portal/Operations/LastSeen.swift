import Storage
import Synchronization

/// When each key or session was seen last, kept in memory and written once a minute: a write a request would be one
/// too many.
final class LastSeen: Sendable {
    typealias Write = @Sendable (_ id: Int64, _ moment: Timestamp, borrowing Database) throws -> Void

    static let secondsBetweenWrites = 60
    private static let rowsPerWrite = 1000

    private final class Shard: Sendable {
        let last = Mutex<[Int64: Timestamp]>([:])
    }

    private let shards = (0..<16).map { _ in Shard() }
    private let write: Write

    /// - Parameter write: writes one moment; never an earlier one than is there.
    init(_ write: @escaping Write) {
        self.write = write
    }

    func note(_ id: Int64, at now: Timestamp) {
        shards[Int(truncatingIfNeeded: id & 15)].last.withLock { $0[id] = now }
    }

    /// Writes what has come since the last time; keeps what the store cannot take now.
    func flush(to store: Store) async throws {
        for shard in shards {
            let taken = shard.last.withLock { last in
                defer { last = [:] }
                return Array(last)
            }
            var waiting = taken[...]
            while !waiting.isEmpty {
                let part = waiting.prefix(Self.rowsPerWrite)
                do {
                    try await store.write { [write] db in
                        for (id, moment) in part { try write(id, moment, db) }
                    }
                } catch {
                    let kept = waiting
                    shard.last.withLock { last in
                        for (id, moment) in kept where last[id] == nil { last[id] = moment }
                    }
                    throw error
                }
                waiting = waiting.dropFirst(part.count)
            }
        }
    }
}
