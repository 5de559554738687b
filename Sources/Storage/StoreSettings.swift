/// Where a store lies and what it may use.
public struct StoreSettings: Sendable {
    /// The database file. Its folder holds `lock` too, and belongs to one store.
    public var path: String
    /// Page cache of each reader connection, in KiB.
    public var readerCache = 2_000
    /// Page cache of the writer connection, in KiB.
    public var writerCache = 8_000
    /// Writes that may wait; one more is refused with ``StoreError/overloaded``.
    public var queueLimit = 4_096
    /// Writes that share one commit at most.
    public var batchLimit = 256
    /// Microseconds between two commits while many write: each sync of the disk then does for more of them.
    public var commitDelay: UInt32 = 250
    /// How long the first write waits for another process's write lock, in milliseconds.
    public var busyTimeout = 2_000
    /// How long a read may run, in milliseconds, unless it asks for more.
    public var readDeadline = 2_000
    /// Pages in the write-ahead log that call for a checkpoint even under load.
    public var checkpointPages = 4_000

    public init(path: String) {
        self.path = path
    }

    var folder: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
