import Dispatch

/// Work that takes longer than a worker thread may be held.
enum OwnThread {
    static func run<T: Sendable>(named name: String, _ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: name).async { continuation.resume(with: Result { try work() }) }
        }
    }

    /// A thread for a loop that ends with the process.
    static func start(named name: String, _ loop: @escaping @Sendable () -> Void) {
        DispatchQueue(label: name).async(execute: loop)
    }
}
