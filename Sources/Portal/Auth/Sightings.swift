import Storage
import Synchronization

/// When sessions were last seen, on the way to the store: a request never waits for a write on that account, and each
/// session is written at most once a minute.
final class Sightings: Sendable {
    private static let secondsApart: Int64 = 60
    private let seen = Mutex<[Int64: Timestamp]>([:])

    /// Costs nothing for a session that was noted within the last minute.
    func note(_ session: Sessions.Session, at now: Timestamp) {
        guard now.milliseconds - session.lastSeenAt.milliseconds >= Self.secondsApart * 1000 else { return }
        seen.withLock { $0[session.id] = now }
    }

    /// Writes what was noted; what cannot be written is noted again by the next request.
    func flush(to store: Store) async throws {
        let noted = seen.withLock { seen in
            defer { seen = [:] }
            return seen
        }
        guard !noted.isEmpty else { return }
        try await store.write { db in
            for (id, moment) in noted { try Sessions.setSeen(id, at: moment, db) }
        }
    }
}
