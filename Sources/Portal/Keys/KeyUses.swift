import Storage
import Synchronization

/// When each key was used last, kept in memory and written once a minute: a write a request would be one too many.
final class KeyUses: Sendable {
    static let secondsBetweenWrites = 60
    private static let rowsPerWrite = 1000

    private final class Shard: Sendable {
        let last = Mutex<[Int64: Int64]>([:])
    }

    private let shards = (0..<16).map { _ in Shard() }

    func note(_ keyID: Int64, at now: Timestamp) {
        shard(of: keyID).last.withLock { $0[keyID] = now.milliseconds }
    }

    /// Writes what has come since the last time; keeps what the store cannot take now.
    func flush(to store: Store) async throws {
        for shard in shards {
            var waiting = Array(
                shard.last.withLock { last in
                    defer { last = [:] }
                    return last
                }
            )[...]
            while !waiting.isEmpty {
                let part = waiting.prefix(Self.rowsPerWrite)
                do {
                    try await store.write { db in
                        for (keyID, moment) in part {
                            try APIKeys.setLastUse(of: keyID, at: Timestamp(milliseconds: moment), db)
                        }
                    }
                } catch {
                    let kept = waiting
                    shard.last.withLock { last in
                        for (keyID, moment) in kept where last[keyID] == nil { last[keyID] = moment }
                    }
                    throw error
                }
                waiting = waiting.dropFirst(part.count)
            }
        }
    }

    private func shard(of keyID: Int64) -> Shard { shards[Int(truncatingIfNeeded: keyID & 15)] }
}
