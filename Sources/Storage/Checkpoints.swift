import CSQLite

/// When the writer thread copies the log into the database.
///
/// Only the writer connection checkpoints: SQLite before 3.51.3 can corrupt the file when another connection commits
/// during a checkpoint (the WAL-reset bug), and one thread cannot do both at once. Not inside `COMMIT` either, as
/// `wal_autocheckpoint` would: the writes of that batch would wait for it. Instead, after the batch is acknowledged:
///
/// - `PASSIVE` once a quarter of `pages` is waiting and no write is: it costs nobody anything;
/// - `PASSIVE` once `pages` are waiting, writes or not: a pause of some 10 ms each few thousand writes, and a log
///   that stays small enough for quick reads;
/// - `TRUNCATE` past 64 MiB, which overlapping readers can bring about: each keeps the log from starting over. It waits
///   for them, but briefly; where one holds on, it is left alone until the log has grown by as much again.
struct Checkpoints {
    let pages: Int
    /// Frames of the log that are in the database already.
    private var copied = 0
    private var truncateAt = Self.long

    /// Frames in a log of 64 MiB: a page of 4 KiB and a header of 24 bytes each.
    static let long = Connection.walKept / (4_096 + 24)
    /// How long `TRUNCATE` waits for readers, in milliseconds.
    static let patience = 50

    enum Mode { case passive, truncate }

    init(pages: Int) {
        self.pages = pages
    }

    /// What to do with a log of so many frames.
    mutating func due(frames: Int, isIdle: Bool) -> Mode? {
        // A shorter log than the last time has started over.
        if frames < copied { reset() }
        if frames >= truncateAt { return .truncate }
        return frames - copied >= (isIdle ? max(pages / 4, 1) : pages) ? .passive : nil
    }

    /// - Parameter frames: what the log holds now; 0 after a full `TRUNCATE`.
    mutating func ran(_ mode: Mode, frames: Int) {
        // Counted as copied even where a reader held some back, so that each next commit does not try again.
        copied = frames
        if mode == .truncate { truncateAt = frames + Self.long }
    }

    mutating func reset() {
        copied = 0
        truncateAt = Self.long
    }
}

extension Connection {
    /// - Returns: the frames that the log holds afterwards.
    func checkpoint(_ mode: Checkpoints.Mode) throws -> Int {
        var frames: Int32 = 0
        let how = mode == .passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE
        let code = sqlite3_wal_checkpoint_v2(handle, nil, how, &frames, nil)
        // BUSY: a reader holds the rest back. What could be copied was.
        guard code == SQLITE_OK || code & 0xff == SQLITE_BUSY else { throw failure() }
        if mode == .truncate, code == SQLITE_OK { walFrames = 0 }
        return walFrames
    }
}
