/// One piece of work for the writer thread, and whoever waits for it.
@usableFromInline
class Job: @unchecked Sendable {
    /// Set by the writer thread when this job alone failed.
    final var error: (any Error)?
    /// Runs by itself, outside the shared transaction: migrations, checks.
    @usableFromInline
    final let isAlone: Bool

    @usableFromInline
    init(isAlone: Bool = false) {
        self.isAlone = isAlone
    }

    @usableFromInline
    func perform(_ connection: Connection) throws {}

    /// Lets the waiter go: with `error`, or with what `perform` made.
    @usableFromInline
    func settle(_ error: (any Error)?) {}
}

/// A write that a task waits for.
@usableFromInline
final class TaskJob<Result: Sendable>: Job, @unchecked Sendable {
    @usableFromInline let body: @Sendable (borrowing Database) throws -> Result
    @usableFromInline let continuation: UnsafeContinuation<Result, any Error>
    @usableFromInline var result: Result?

    @inlinable
    init(
        _ continuation: UnsafeContinuation<Result, any Error>,
        _ body: @escaping @Sendable (borrowing Database) throws -> Result
    ) {
        self.continuation = continuation
        self.body = body
        super.init()
    }

    @inlinable
    override func perform(_ connection: Connection) throws {
        result = try body(Database(connection))
    }

    @inlinable
    override func settle(_ error: (any Error)?) {
        if let error {
            continuation.resume(throwing: error)
        } else if let result {
            continuation.resume(returning: result)
        } else {
            continuation.resume(throwing: StoreError.closed)
        }
    }
}

/// A write that a thread waits for.
final class ThreadJob<Result: Sendable>: Job, @unchecked Sendable {
    private let body: (Connection) throws -> Result
    private let monitor = Monitor()
    private var made: Result?
    private var outcome: Swift.Result<Result, any Error>?

    init(isAlone: Bool, _ body: @escaping (Connection) throws -> Result) {
        self.body = body
        super.init(isAlone: isAlone)
    }

    override func perform(_ connection: Connection) throws {
        made = try body(connection)
    }

    override func settle(_ error: (any Error)?) {
        monitor.withLock {
            if let error {
                outcome = .failure(error)
            } else {
                outcome = made.map { .success($0) } ?? .failure(StoreError.closed)
            }
            monitor.signal()
        }
    }

    func wait() throws -> Result {
        try monitor.withLock {
            while true {
                if let outcome { return try outcome.get() }
                monitor.wait()
            }
        }
    }
}
