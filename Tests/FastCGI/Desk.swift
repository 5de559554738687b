import Glibc
import Synchronization

@testable import FastCGI

/// A running pool with a socket of its own, stopped at the end of a test.
final class Desk {
    let pool: WorkerPool
    let path: String

    init(
        _ settings: PoolSettings = .quick,
        backlog: Int32 = 1024,
        handler: @escaping @Sendable (Exchange) async -> Void = { try? $0.write(Array("Status: 200\r\n\r\nok".utf8)) }
    ) throws {
        path = Desk.freshPath()
        pool = try WorkerPool(
            listener: .bind(path: path, group: nil, backlog: backlog),
            settings: settings,
            handler: handler
        )
        try pool.start()
    }

    deinit {
        pool.stop()
    }

    func client(seconds: Int = 20) throws -> Client {
        try Client(path, seconds: seconds)
    }

    private static let number = Atomic<Int>(0)

    static func freshPath() -> String {
        "/tmp/purser-\(getpid())-\(number.add(1, ordering: .relaxed).newValue).sock"
    }
}

extension PoolSettings {
    /// Time-outs a test can wait for.
    static var quick: PoolSettings {
        var settings = PoolSettings()
        settings.receiveTimeout = 2
        settings.sendTimeout = 2
        settings.stopGrace = 5
        return settings
    }
}

/// A gate that asynchronous handlers wait at until a test opens it.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

/// A count or a value that threads share with a test.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) {
        mutex = Mutex(value)
    }

    var value: Value { mutex.withLock { $0 } }

    func change(_ body: (inout Value) -> Void) {
        mutex.withLock { (value: inout sending Value) in
            var copy = value
            body(&copy)
            value = copy
        }
    }
}

/// Waits, some seconds at most, until something that reports no event holds.
func eventually(_ condition: () -> Bool) -> Bool {
    let end = Clock.now + 5000
    while !condition() {
        guard Clock.now < end else { return false }
        usleep(1000)
    }
    return true
}
