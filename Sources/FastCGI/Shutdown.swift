import CLinux
import Glibc
import Synchronization

/// How far a pool has come in stopping, and the threads it has to see off.
final class Shutdown: Sendable {
    private struct Threads {
        var all: [pthread_t] = []
        var ended = 0
    }

    /// Held by whoever stops the pool; true once it is done.
    let done = Mutex(false)
    /// Connections shut down while idle. A worker may have been told of them a moment before, so they live until
    /// the threads have ended.
    let retired = Mutex<[Connection]>([])
    private let began = Atomic<Bool>(false)
    private let mustEnd = Atomic<Bool>(false)
    private let threads = Mutex(Threads())
    private let news: Int32

    init() throws {
        news = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard news >= 0 else { throw SystemError("eventfd") }
    }

    deinit {
        close(news)
    }

    var hasBegun: Bool { began.load(ordering: .sequentiallyConsistent) }
    var threadsMustEnd: Bool { mustEnd.load(ordering: .sequentiallyConsistent) }

    func begin() {
        began.store(true, ordering: .sequentiallyConsistent)
    }

    func endThreads() {
        mustEnd.store(true, ordering: .sequentiallyConsistent)
    }

    func threadStarted(_ thread: pthread_t) {
        threads.withLock { $0.all.append(thread) }
    }

    func threadEnded() {
        threads.withLock { $0.ended += 1 }
        notify()
    }

    var allThreadsEnded: Bool { threads.withLock { $0.ended == $0.all.count } }

    /// Joins the threads if all have ended; leaves them to the end of the process otherwise.
    func joinThreads() {
        let ended = allThreadsEnded
        for thread in threads.withLock({ $0.all }) {
            if ended { pthread_join(thread, nil) } else { pthread_detach(thread) }
        }
    }

    /// Tells `wait` that its condition may hold now.
    func notify() {
        eventfd_write(news, 1)
    }

    /// Waits until `condition` holds, or `deadline` by `Clock.now`. Answers whether it holds.
    func wait(until deadline: Int64, for condition: () -> Bool) -> Bool {
        while !condition() {
            let left = deadline - Clock.now
            guard left > 0 else { return false }
            var watched = pollfd(fd: news, events: Int16(POLLIN), revents: 0)
            poll(&watched, 1, Int32(clamping: left))
            var count: eventfd_t = 0
            eventfd_read(news, &count)
        }
        return true
    }
}

extension WorkerPool {
    /// Refuses new connections, closes the idle ones, finishes what is in flight for up to
    /// `PoolSettings.stopGrace` seconds, and ends the threads. Returns when that is done; a second call returns
    /// with the first. Any thread may call it. From a handler it only sets things going: a worker cannot wait
    /// for itself.
    public func stop() {
        if Worker.current(of: self) != nil {
            if let thread = try? Thread.start(named: "purser-stop", stack: 1 << 20, { self.stop() }) {
                pthread_detach(thread)
            }
            return
        }
        shutdown.done.withLock { done in
            guard !done else { return }
            done = true
            shutdown.begin()
            listener.refuse()
            closeIdleConnections()
            let deadline = Clock.now + Int64(settings.stopGrace) * 1000
            let finished = shutdown.wait(until: deadline) { inFlight == 0 && connections.count == 0 }
            shutdown.endThreads()
            readiness.wake()
            // A worker that hangs in a handler does not end; the process is about to.
            let ended = shutdown.wait(until: max(deadline, Clock.now + 1000)) { shutdown.allThreadsEnded }
            shutdown.joinThreads()
            close(listener.descriptor)
            if finished && ended {
                shutdown.retired.withLock { retired in
                    for connection in retired { connection.closeNow() }
                    retired = []
                }
            }
        }
    }

    private func closeIdleConnections() {
        for connection in connections.all where connection.turn(.idle, into: .stopped) {
            if connection.hasInput {
                // A request has come meanwhile: serve it, as if it had been in flight.
                connection.becomeIdle()
                readiness.arm(connection)
            } else {
                shutdown.retired.withLock { $0.append(connection) }
                connections.remove(connection)
                // Not closed yet: its number must not name another file while a worker may still arm it.
                Glibc.shutdown(connection.descriptor, Int32(SHUT_RDWR))
            }
        }
    }
}
