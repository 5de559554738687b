import Synchronization

/// Threads that serve FastCGI requests from one listening socket, and run the handlers' asynchronous code.
///
/// A worker runs the jobs that are queued, then waits in the epoll set for the next thing to happen: a connection
/// to accept, a request on an idle connection, a job queued by another thread. Idle connections hold no thread,
/// and neither does a handler that awaits something. Jobs queued after `stop` never run.
public final class WorkerPool: TaskExecutor, @unchecked Sendable {
    let listener: Listener
    let settings: PoolSettings
    let readiness: Readiness
    let jobs = JobQueue<UnownedJob>()
    let connections = Connections()
    let unfinished = Unfinished()
    let shutdown: Shutdown
    let handler: @Sendable (Exchange) async -> Void
    let requests = Atomic<Int>(0)
    private let lastTurn = Atomic<Int64>(0)
    /// Whether the listening socket is watched.
    let listening = Atomic<Bool>(true)
    /// How often accepting failed for want of descriptors or memory.
    let acceptFailures = Atomic<Int>(0)

    /// A pool that hands each request to `handler`; `start` sets it going. What the handler writes is the
    /// answer; the rest of the body, and the end of the answer, are the pool's. Throws `SystemError`.
    public init(
        listener: Listener,
        settings: PoolSettings,
        handler: @escaping @Sendable (Exchange) async -> Void
    ) throws {
        guard Library.status == 0 else { throw SystemError("FCGX_Init", code: Library.status) }
        self.listener = listener
        self.settings = settings
        self.handler = handler
        shutdown = try Shutdown()
        readiness = try Readiness(listener: listener.descriptor)
    }

    deinit {
        readiness.closeAll()
    }

    /// Starts the threads and returns. Once. Throws `SystemError` when there are no threads to be had.
    public func start() throws {
        lastTurn.store(Clock.now, ordering: .relaxed)
        for number in 1...max(1, settings.threads) {
            // A thread's name has room for 15 bytes.
            let name = number < 10 ? "purser-worker-\(number)" : "purser-work-\(number)"
            let thread = try Worker(of: self).start(named: name) { [self] in
                run($0)
                shutdown.threadEnded()
            }
            shutdown.threadStarted(thread)
        }
    }

    /// Requests that have begun and not yet been answered to the end.
    public var inFlight: Int { requests.load(ordering: .sequentiallyConsistent) }

    /// When a worker last took up something, in milliseconds of CLOCK_MONOTONIC; now, if one is free to.
    public var lastBeat: Int64 { jobs.resting > 0 ? Clock.now : lastTurn.load(ordering: .relaxed) }

    /// Whether a worker is free, or took up something within the last `seconds`: false means that all hang.
    public func isAlive(within seconds: Int = 30) -> Bool {
        Clock.now - lastBeat <= Int64(seconds) * 1000
    }

    /// Runs a job of a handler's task on a worker. Called by Swift's runtime, on any thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if let worker = Worker.current(of: self), worker.isStarting {
            worker.first = job
        } else if jobs.push(job) {
            readiness.wake()
        }
    }

    private func run(_ worker: Worker) {
        let executor = asUnownedTaskExecutor()
        while true {
            while let (job, wakeAnother) = jobs.next() {
                if wakeAnother { readiness.wake() }
                beat()
                job.runSynchronously(on: executor)
            }
            if shutdown.threadsMustEnd {
                // The wake-up reached this thread alone: pass it on.
                readiness.wake()
                return
            }
            let event = readiness.wait()
            if case .wakeUp = event {
                jobs.awake(byWakeUp: true)
                continue
            }
            jobs.awake(byWakeUp: false)
            beat()
            switch event {
            case .connection(let connection):
                if connection.turn(.idle, into: .busy) { attend(to: connection, on: worker) }
            case .listener: acceptConnections()
            case .timer: lookAgain()
            case .wakeUp, .none: break
            }
        }
    }

    private func beat() {
        let now = Clock.now
        if lastTurn.load(ordering: .relaxed) != now { lastTurn.store(now, ordering: .relaxed) }
    }
}
