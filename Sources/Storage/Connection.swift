import CSQLite
import Glibc

/// One SQLite connection with its settings, its statements and its deadline.
///
/// Opened without SQLite's own mutexes: whoever holds it is the only one that uses it (the writer thread, or the
/// reader that took it from the pool).
@usableFromInline
final class Connection: @unchecked Sendable {
    let handle: OpaquePointer
    let role: Role
    var statements = StatementTable()
    /// The store's own. Apart, because the linker gives equal literals one address: a caller's `COMMIT` would
    /// otherwise find the one that was prepared with more rights.
    var controls = StatementTable()
    /// Frames in the write-ahead log after the last commit of this connection.
    var walFrames = 0
    /// An input or output error happened; what the file holds is unknown until it is opened anew.
    private(set) var isBroken = false
    /// Monotonic milliseconds after which a statement is stopped.
    private var deadline = Int64.max
    private var isOverdue = false
    /// Of a reader's snapshot: the commit it shows, and until when it may be read from.
    var snapshotMoment = 0
    var snapshotEnd: Int64 = 0
    /// Whether a statement being prepared may begin, end, attach or set something: the store's own may.
    private(set) var isTrusted = false
    /// Whether a migration runs, which may set off pragmas of SQLite's own.
    var isMigrating = false

    enum Role {
        /// Writes and checkpoints; there is one.
        case writer
        case reader
        /// Long reads of the store itself: backup, checks.
        case inspector
    }

    /// Once per process, before the first connection. Debian's SQLite has no look-aside memory either, so every value
    /// of every row passes by that mutex.
    private static let library: Int32 = purser_sqlite_stop_counting_memory()

    init(_ path: String, _ role: Role, creates: Bool = false, isReadOnly: Bool = false) throws {
        _ = Self.library
        var opened: OpaquePointer?
        var flags = isReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
        if creates { flags |= SQLITE_OPEN_CREATE }
        let code = sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX, nil)
        guard let opened else { throw StoreError.sqlite(code: SQLITE_NOMEM, extended: SQLITE_NOMEM, message: "") }
        handle = opened
        self.role = role
        guard code == SQLITE_OK else {
            let error = failure()
            throw error
        }
        install()
    }

    deinit {
        statements.removeAll()
        controls.removeAll()
        sqlite3_close_v2(handle)
    }

    private func install() {
        let me = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_set_authorizer(
            handle,
            { context, action, _, _, _, _ in
                Connection.at(context)?.allows(action) == true ? SQLITE_OK : SQLITE_DENY
            },
            me
        )
        sqlite3_progress_handler(handle, 4_000, { Connection.at($0)?.isPastDeadline() == true ? 1 : 0 }, me)
    }

    /// Counts frames instead of checkpointing inside `COMMIT`, which `wal_autocheckpoint` would do.
    func countFrames() {
        let me = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_wal_hook(
            handle,
            { context, _, _, frames in
                Connection.at(context)?.walFrames = Int(frames)
                return SQLITE_OK
            },
            me
        )
    }

    /// The connection that SQLite was given as the context of a callback; it lives as long as its handle.
    private static func at(_ context: UnsafeMutableRawPointer?) -> Connection? {
        context.map { Unmanaged<Connection>.fromOpaque($0).takeUnretainedValue() }
    }

    private func allows(_ action: Int32) -> Bool {
        switch action {
        // ALTER TABLE with a CHECK runs a pragma of its own.
        case SQLITE_PRAGMA: isTrusted || isMigrating
        case SQLITE_TRANSACTION, SQLITE_SAVEPOINT, SQLITE_ATTACH, SQLITE_DETACH: isTrusted
        default: true
        }
    }

    // MARK: Deadline

    /// Stops statements that run past `milliseconds` from now; nil lifts the limit.
    @usableFromInline
    func limit(to milliseconds: Int?) {
        isOverdue = false
        deadline = milliseconds.map { monotonicMilliseconds() + Int64(min($0, 1 << 40)) } ?? .max
    }

    private func isPastDeadline() -> Bool {
        guard deadline != .max, monotonicMilliseconds() > deadline else { return false }
        isOverdue = true
        return true
    }

    // MARK: The store's own

    /// Lends the connection with the right to begin, attach and set.
    func trusted<Result>(_ body: () throws -> Result) rethrows -> Result {
        let before = isTrusted
        isTrusted = true
        defer { isTrusted = before }
        return try body()
    }

    /// Runs a script: statements one after the other, rows ignored.
    func execute(_ script: String) throws {
        guard sqlite3_exec(handle, script, nil, nil, nil) == SQLITE_OK else { throw failure() }
    }

    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    func waitForLocks(_ milliseconds: Int) {
        sqlite3_busy_timeout(handle, Int32(clamping: milliseconds))
    }

    /// A row must not point at nothing when its write ends. Found at `COMMIT`, it would take down the whole batch.
    func requireNoOrphans() throws {
        var orphans: Int32 = 0
        var highest: Int32 = 0
        sqlite3_db_status(handle, SQLITE_DBSTATUS_DEFERRED_FKS, &orphans, &highest, 0)
        if orphans > 0 { throw StoreError.constraint(.foreignKey, message: "FOREIGN KEY constraint failed") }
    }

    /// The last error of this connection.
    func failure() -> StoreError {
        let code = sqlite3_errcode(handle) & 0xff
        let system = sqlite3_system_errno(handle)
        if code == SQLITE_INTERRUPT, isOverdue { return .readDeadline }
        let error = StoreError(
            code: code,
            extended: sqlite3_extended_errcode(handle),
            system: system,
            message: sqlite3_errmsg(handle).map { String(cString: $0) } ?? ""
        )
        if code == SQLITE_IOERR, error != .full { isBroken = true }
        return error
    }
}

/// Milliseconds of a clock that never steps back; to the tick (4 ms), for deadlines only.
func monotonicMilliseconds() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now)
    return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
}
