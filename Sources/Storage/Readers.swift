import Synchronization

/// The reader connections that nobody is using. As many exist as ever read at once.
///
/// A connection keeps the snapshot that it read from for as long as nothing new is committed: beginning and ending a
/// read costs SQLite four system calls under a mutex that all connections share, more than a look-up itself.
@usableFromInline
final class Readers: Sendable {
    private let settings: StoreSettings
    /// Nil once closed.
    private let idle = Mutex<[Connection]?>([])
    /// Counted up before a commit is acknowledged; a snapshot of an earlier moment is not read from again.
    private let moment = Atomic<Int>(1)
    /// Milliseconds after which a snapshot is renewed even so, for what another program wrote.
    static let snapshotAge: Int64 = 100

    init(_ settings: StoreSettings) {
        self.settings = settings
    }

    /// A connection for the caller alone, until it gives it back. It sees one moment: the newest.
    /// - Parameter milliseconds: how long its statements may run; nil for the setting's `readDeadline`.
    @usableFromInline
    func take(within milliseconds: Int?) throws -> Connection {
        let pooled = try idle.withLock { connections in
            guard connections != nil else { throw StoreError.closed }
            return connections?.popLast()
        }
        let connection = try pooled ?? Connection.reader(settings)
        // Before the snapshot is taken, so that it is at least as new as the moment it is booked under.
        try connection.hold(moment: moment.load(ordering: .acquiring))
        connection.limit(to: milliseconds ?? settings.readDeadline)
        return connection
    }

    @usableFromInline
    func give(_ connection: Connection) {
        // A connection that saw a failed disk is closed instead.
        if connection.isBroken { return }
        connection.limit(to: nil)
        idle.withLock { $0?.append(connection) }
    }

    /// Something was committed.
    func advance() {
        moment.add(1, ordering: .releasing)
    }

    /// Ends the snapshots that nobody reads from, so that a checkpoint can pass them; those in use end with their
    /// reads.
    func release() {
        advance()
        let connections = idle.withLock { connections in
            defer { if connections != nil { connections = [] } }
            return connections ?? []
        }
        for connection in connections {
            connection.letGo()
            idle.withLock { $0?.append(connection) }
        }
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

extension Connection {
    /// Holds a snapshot of `moment` or later, the one it has if that will do.
    fileprivate func hold(moment: Int) throws {
        let now = monotonicMilliseconds()
        if isInTransaction {
            if snapshotMoment == moment, now < snapshotEnd { return }
            letGo()
        }
        try control("BEGIN")
        (snapshotMoment, snapshotEnd) = (moment, now + Readers.snapshotAge)
    }

    /// Nothing was written, so how it ends makes no difference; but end it must, past any deadline too.
    fileprivate func letGo() {
        guard isInTransaction else { return }
        limit(to: nil)
        try? control("COMMIT")
    }
}
