import Dispatch
import Synchronization

/// Waits for async work on a thread that has nothing else to do: the main thread at its end, a shell command.
enum Blocking {
    @discardableResult
    static func wait<T: Sendable>(_ work: @escaping @Sendable () async -> T) -> T {
        let result = Promise<T>()
        Task { result.fulfil(await work()) }
        return result.wait()
    }

    private final class Promise<T: Sendable>: Sendable {
        private let value = Mutex<T?>(nil)
        private let done = DispatchSemaphore(value: 0)

        func fulfil(_ result: T) {
            value.withLock { $0 = result }
            done.signal()
        }

        func wait() -> T {
            while true {
                done.wait()
                if let result = value.withLock({ $0 }) { return result }
            }
        }
    }
}
