/// A database that this process owns: any number of readers, one writer.
public final class Store: Sendable {
    public let settings: StoreSettings
    @usableFromInline let readers: Readers
    @usableFromInline let writer: Writer

    /// Takes the folder's lock, then opens the database or makes it.
    ///
    /// The folder must exist and be nobody else's business.
    /// - Throws: ``StoreError/inUse(by:)``, ``StoreError/foreign(applicationID:)``, ``StoreError/setting(_:)``, …
    public init(_ settings: StoreSettings) throws {
        self.settings = settings
        let lock = try StoreLock(folder: settings.folder)
        let connection = try Connection.writer(settings, creates: true)
        readers = Readers(settings)
        writer = try Writer(settings, connection, lock, readers)
    }

    deinit { close() }

    /// Reads, on the calling thread. All of `body` sees one moment: that of the newest commit, or later.
    /// - Parameter milliseconds: how long it may run; nil for the setting's `readDeadline`. A read keeps the log from
    ///   being emptied for as long as it runs.
    /// - Throws: ``StoreError/readDeadline`` past that, ``StoreError/closed``, and what `body` throws.
    @inlinable
    @discardableResult
    public func read<Result>(
        within milliseconds: Int? = nil,
        _ body: (borrowing Database) throws -> Result
    ) throws -> Result {
        let connection = try readers.take(within: milliseconds)
        defer { readers.give(connection) }
        return try body(Database(connection))
    }

    /// Writes: `body` runs on the writer thread, in a transaction that it may share with other writes. Returns when
    /// the commit is on the disk.
    ///
    /// When `body` throws, what it wrote is rolled back, and nobody else's write. `body` runs once or never. It must
    /// not wait for anything: every other write waits for it.
    /// - Throws: ``StoreError/overloaded``, ``StoreError/busy``, ``StoreError/full``: nothing was stored, try again
    ///   later. After an error of the disk (``StoreError/sqlite(code:extended:message:)``) whether it was stored shows
    ///   only when the database is read again. And what `body` throws.
    @inlinable
    @discardableResult
    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (borrowing Database) throws -> Result
    ) async throws -> Result {
        try await withUnsafeThrowingContinuation { continuation in
            writer.submit(TaskJob(continuation, body))
        }
    }

    /// ``write(_:)`` for start-up and for the shell's commands: the calling thread waits. Not for a worker thread.
    @discardableResult
    public func writeBlocking<Result: Sendable>(
        _ body: @escaping @Sendable (borrowing Database) throws -> Result
    ) throws -> Result {
        try onWriter(isAlone: false) { try body(Database($0)) }
    }

    /// Applies the migrations that this database lacks, all or none. The calling thread waits.
    /// - Returns: the names of those applied now, in order.
    /// - Throws: ``StoreError/editedMigration(name:)``, ``StoreError/newerSchema(name:)``, or what a step failed with.
    @discardableResult
    public func migrate(_ migrations: [Migration]) throws -> [String] {
        try onWriter(isAlone: true) { try $0.migrate(migrations) }
    }

    /// Copies the database to a new file while the store serves: consistent, compact, synced, verified.
    ///
    /// The calling thread waits for as long as reading it all twice takes.
    /// - Throws: ``StoreError/system(call:errno:)`` with `EEXIST` when there is such a file already.
    public func backup(to path: String) throws -> BackupReport {
        try Backup(settings: settings).run(to: path)
    }

    /// Holds the settings, every page and every foreign key to what they must be. The calling thread waits for as
    /// long as reading the database takes.
    /// - Returns: what is wrong; empty when all is well.
    public func check() throws -> [Finding] {
        let cache = settings.writerCache
        let deviations = try onWriter(isAlone: true) { try $0.deviations(cache: cache) }
        return try deviations.map { Finding(subject: .setting, message: "writer: \($0)") }
            + Check(settings: settings).run()
    }

    /// Writes that wait for the writer now, for metrics.
    public var waitingWrites: Int { writer.waiting }

    /// Renews what the query planner knows about the tables. For a timer: once an hour will do.
    public func optimize() throws {
        try onWriter(isAlone: true) { connection in
            try connection.trusted { try connection.execute("PRAGMA optimize") }
        }
    }

    /// Ends the store: refuses new work, does what is queued, empties the log, lets go of the folder.
    ///
    /// Waits for all of it, except inside a write. A second call changes nothing.
    public func close() {
        readers.close()
        writer.close()
    }

    private func onWriter<Result: Sendable>(
        isAlone: Bool,
        _ body: @escaping @Sendable (Connection) throws -> Result
    ) throws -> Result {
        if writer.isCurrent { throw StoreError.misuse("A write inside a write.") }
        let job = ThreadJob(isAlone: isAlone, body)
        writer.submit(job)
        return try job.wait()
    }
}
