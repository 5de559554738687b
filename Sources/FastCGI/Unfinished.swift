import Synchronization

/// The connections whose peer has sent a part of an opening. Nobody waits on them: a timer has them looked at.
final class Unfinished: Sendable {
    private let connections = Mutex<[Connection]>([])

    func insert(_ connection: Connection) {
        connections.withLock { $0.append(connection) }
    }

    /// Takes all of them out.
    func takeAll() -> [Connection] {
        connections.withLock { connections in
            defer { connections = [] }
            return connections
        }
    }
}
