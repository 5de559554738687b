import Glibc
import Synchronization

/// The one thread that writes.
///
/// It takes all that is queued, runs each write in a savepoint inside one `BEGIN IMMEDIATE`, commits once, and only
/// then lets the waiters go: a batch costs one sync of the disk. A write that throws rolls back alone. When the commit
/// fails, nobody of the batch is acknowledged.
@usableFromInline
final class Writer: @unchecked Sendable {
    private let settings: StoreSettings
    private let queue: WriteQueue
    /// Released when the thread has closed its connection: the folder is free from then on.
    private let lock: StoreLock
    private let readers: Readers
    private let thread = Mutex<pthread_t?>(nil)

    // Of the writer thread alone.
    private var connection: Connection?
    private var checkpoints: Checkpoints
    private var lastBatch = 0
    private static let fewWriters = 4
    /// Another process holds the write lock; until it lets go, a write waits only briefly.
    private var isLockedOut = false
    private static let shortWait = 20

    init(_ settings: StoreSettings, _ connection: Connection, _ lock: StoreLock, _ readers: Readers) throws {
        self.settings = settings
        self.connection = connection
        self.lock = lock
        self.readers = readers
        queue = WriteQueue(limit: settings.queueLimit, batchLimit: settings.batchLimit)
        checkpoints = Checkpoints(pages: settings.checkpointPages)
        let started = try spawn("purser-writer") { self.live() }
        thread.withLock { $0 = started }
    }

    /// Queues a job, or settles it at once with the reason why not.
    @usableFromInline
    func submit(_ job: Job) {
        if let refusal = queue.push(job) { job.settle(refusal) }
    }

    var waiting: Int { queue.count }

    var isCurrent: Bool {
        thread.withLock { $0.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
    }

    /// Ends the thread after everything queued is done. Waits for it, except on the thread itself.
    func close() {
        queue.close()
        let isSelf = isCurrent
        let ending = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let ending else { return }
        if isSelf { pthread_detach(ending) } else { pthread_join(ending, nil) }
    }

    // MARK: The thread

    private func live() {
        var batch: [Job] = []
        while queue.take(into: &batch) {
            lastBatch = batch.count
            if batch.count == 1, batch[0].isAlone { runAlone(batch[0]) } else { run(batch[...]) }
            batch.removeAll(keepingCapacity: true)
            if connection?.isBroken == true { abandon() }
            tend()
            gather()
        }
        if let connection, !connection.isBroken {
            connection.waitForLocks(Checkpoints.patience)
            // Neither is needed for what is stored to be there next time.
            _ = try? connection.trusted { try connection.execute("PRAGMA optimize") }
            _ = try? connection.checkpoint(.truncate)
        }
        connection = nil
        lock.release()
    }

    /// Under load, gives those who have just been answered a moment to write again, so that one sync of the disk does
    /// for more of them (PostgreSQL calls it `commit_delay`). A few writers are not kept waiting.
    private func gather() {
        guard lastBatch > Self.fewWriters, queue.count < lastBatch else { return }
        usleep(settings.commitDelay)
    }

    /// The connection, opened anew when the last one was dropped.
    private func current() throws -> Connection {
        if let connection { return connection }
        let opened = try Connection.writer(settings, creates: false)
        connection = opened
        checkpoints.reset()
        isLockedOut = false
        return opened
    }

    /// After an error of the disk: a later sync may claim what an earlier one lost, so nothing is built on this
    /// connection any more (the kernel marks pages clean whose write failed).
    private func abandon() {
        connection?.abandon()
        connection = nil
    }

    private func runAlone(_ job: Job) {
        do {
            try job.perform(current())
            readers.release()
            job.settle(nil)
        } catch {
            job.settle(error)
        }
    }

    /// Runs the jobs in as few transactions as possible: one, unless a job loses it on the way.
    private func run(_ batch: ArraySlice<Job>) {
        var rest = batch
        while !rest.isEmpty {
            do {
                let connection = try current()
                try begin(connection)
                let ran = rest.prefix(connection.perform(rest))
                rest = rest.dropFirst(ran.count)
                let failure = connection.commit(ran)
                // Before anybody hears of it: the first read after an acknowledgement sees what it was for.
                readers.advance()
                settle(ran, failure)
            } catch {
                // No transaction was to be had: the rest would fare no better.
                settle(rest, error)
                return
            }
            if connection?.isBroken == true { abandon() }
        }
    }

    private func begin(_ connection: Connection) throws {
        do {
            try connection.control("BEGIN IMMEDIATE")
        } catch StoreError.busy {
            // The first to find it locked has waited in full; those after it would add up to a stall.
            isLockedOut = true
            connection.waitForLocks(Self.shortWait)
            throw StoreError.busy
        }
        if isLockedOut {
            isLockedOut = false
            connection.waitForLocks(settings.busyTimeout)
        }
    }

    private func settle(_ jobs: ArraySlice<Job>, _ error: (any Error)?) {
        for job in jobs { job.settle(error ?? job.error) }
    }

    /// Checkpoints, when it is time to and after everybody has been answered.
    private func tend() {
        guard let connection, !isLockedOut else { return }
        guard let mode = checkpoints.due(frames: connection.walFrames, isIdle: queue.count == 0) else { return }
        // Snapshots that nobody reads from would hold it up, and keep the log from starting over after it.
        readers.release()
        defer { readers.release() }
        if mode == .truncate { connection.waitForLocks(Checkpoints.patience) }
        defer { if mode == .truncate { connection.waitForLocks(settings.busyTimeout) } }
        // A checkpoint that fails loses nothing: the log keeps it all.
        let copied = (try? connection.checkpoint(mode)) ?? connection.walFrames
        checkpoints.ran(mode, frames: copied)
        if connection.isBroken { abandon() }
    }
}
