import Storage

/// A read that may take longer than a worker thread may be held: reports and lists over all accounts.
enum LongRead {
    static func run<T: Sendable>(
        _ store: Store,
        _ body: @escaping @Sendable (borrowing Database) throws -> T
    ) async throws -> T {
        try await OwnThread.run(named: "purser-report") { try store.read(body) }
    }
}
