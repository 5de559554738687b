import Synchronization

/// The reader connections that nobody is using. As many exist as ever read at once.
@usableFromInline
final class Readers: Sendable {
    private let settings: StoreSettings
    /// Nil once closed.
    private let idle = Mutex<[Connection]?>([])

    init(_ settings: StoreSettings) {
        self.settings = settings
    }

    /// A connection for the caller alone, until it gives it back.
    /// - Parameter milliseconds: how long its statements may run; nil for the setting's `readDeadline`.
    @usableFromInline
    func take(within milliseconds: Int?) throws -> Connection {
        let pooled = try idle.withLock { connections in
            guard connections != nil else { throw StoreError.closed }
            return connections?.popLast()
        }
        let connection = try pooled ?? Connection.reader(settings)
        connection.limit(to: milliseconds ?? settings.readDeadline)
        return connection
    }

    @usableFromInline
    func give(_ connection: Connection) {
        // A connection that saw a failed disk, or that is stuck in a transaction, is closed instead.
        if connection.isBroken || connection.isInTransaction { return }
        idle.withLock { $0?.append(connection) }
    }

    func close() {
        let connections = idle.withLock { connections in
            defer { connections = nil }
            return connections
        }
        // Closed here, outside the lock.
        _ = consume connections
    }
}
