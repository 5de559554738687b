import CSQLite
import Glibc

extension Connection {
    /// `PRSR` in the header of the file: whose database it is (`PRAGMA application_id`).
    static let applicationID: Int64 = 0x5052_5352

    /// The connection that writes.
    /// - Parameter creates: whether it makes the database when there is none.
    /// - Throws: ``StoreError/foreign(applicationID:)`` when the file is another program's.
    static func writer(_ settings: StoreSettings, creates: Bool) throws -> Connection {
        let connection = try Connection(settings.path, .writer, creates: creates)
        connection.waitForLocks(settings.busyTimeout)
        try connection.claim(settings.path)
        _ = try connection.texts("PRAGMA journal_mode = WAL")
        try connection.settle(cache: settings.writerCache)
        connection.countFrames()
        return connection
    }

    /// A connection that reads.
    static func reader(_ settings: StoreSettings, _ role: Role = .reader) throws -> Connection {
        let connection = try Connection(settings.path, role)
        // A reader waits for nobody but a recovery of the log; a worker thread must not wait long.
        connection.waitForLocks(min(settings.busyTimeout, 250))
        try connection.settle(cache: settings.readerCache)
        return connection
    }

    private func claim(_ path: String) throws {
        let id = try integer("PRAGMA application_id") ?? 0
        if id == Self.applicationID { return }
        let isEmpty = try integer("SELECT count(*) FROM sqlite_schema") == 0
        guard id == 0, isEmpty else { throw StoreError.foreign(applicationID: id) }
        // It holds people's data. Before the log is made, which takes its mode from the file.
        guard chmod(path, 0o600) == 0 else { throw StoreError.system(call: "chmod \(path)", errno: errno) }
        try trusted { try execute("PRAGMA application_id = \(Self.applicationID)") }
    }

    /// Drops what a failed disk may have half done; nothing of it is written on the way out.
    func abandon() {
        purser_sqlite_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nil)
    }
}
