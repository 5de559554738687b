import Glibc

/// One thread of a pool, and what only that thread may touch.
final class Worker: @unchecked Sendable {
    /// Room to look at the opening of a request.
    let window = UnsafeMutableRawBufferPointer.allocate(byteCount: FirstRecord.window, alignment: 16)
    /// The first job of the task being created, which this thread runs itself, past the queue.
    var first: UnownedJob?
    /// Whether this thread is creating a task for a request.
    var isStarting = false
    private unowned let pool: WorkerPool

    init(of pool: WorkerPool) {
        self.pool = pool
    }

    deinit {
        window.deallocate()
    }

    /// The worker of `pool` whose thread this is, nil on every other thread.
    static func current(of pool: WorkerPool) -> Worker? {
        guard let address = pthread_getspecific(key) else { return nil }
        let worker = Unmanaged<Worker>.fromOpaque(address).takeUnretainedValue()
        return worker.pool === pool ? worker : nil
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// Starts a thread that runs `body` as this worker, under `name`, with 2 MiB of stack (JSON may nest deep)
    /// and every signal masked.
    func start(named name: String, _ body: @escaping @Sendable (Worker) -> Void) throws -> pthread_t {
        try Thread.start(named: name, stack: 2 << 20) {
            pthread_setspecific(Self.key, Unmanaged.passUnretained(self).toOpaque())
            body(self)
            pthread_setspecific(Self.key, nil)
        }
    }
}
