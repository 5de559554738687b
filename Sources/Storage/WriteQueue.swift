/// What waits for the writer thread, in order and bounded.
final class WriteQueue: @unchecked Sendable {
    private let monitor = Monitor()
    private let limit: Int
    private let batchLimit: Int
    private var jobs: [Job] = []
    private var isSleeping = false
    private var isClosed = false

    init(limit: Int, batchLimit: Int) {
        self.limit = limit
        self.batchLimit = max(batchLimit, 1)
        jobs.reserveCapacity(limit)
    }

    /// - Returns: why the job was not taken, if it was not.
    func push(_ job: Job) -> StoreError? {
        monitor.withLock {
            if isClosed { return .closed }
            if jobs.count >= limit { return .overloaded }
            jobs.append(job)
            // A signal is a system call: only for a writer that sleeps.
            if isSleeping {
                isSleeping = false
                monitor.signal()
            }
            return nil
        }
    }

    /// Takes what is queued, up to the batch limit; waits for the first. A job that runs alone comes alone.
    /// - Returns: false when the queue is closed and empty.
    func take(into batch: inout [Job]) -> Bool {
        batch.removeAll(keepingCapacity: true)
        return monitor.withLock {
            while jobs.isEmpty {
                if isClosed { return false }
                isSleeping = true
                monitor.wait()
                isSleeping = false
            }
            let most = min(batchLimit, jobs.count)
            let count = max(jobs[..<most].firstIndex(where: \.isAlone) ?? most, 1)
            if count == jobs.count {
                // Both arrays keep their storage.
                swap(&jobs, &batch)
            } else {
                batch.append(contentsOf: jobs[..<count])
                jobs.removeFirst(count)
            }
            return true
        }
    }

    var count: Int { monitor.withLock { jobs.count } }

    func close() {
        monitor.withLock {
            isClosed = true
            monitor.signal()
        }
    }
}
