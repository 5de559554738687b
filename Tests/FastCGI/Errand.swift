import Glibc
import Synchronization

@testable import FastCGI

/// A thread that is no worker's, and resumes whoever comes to it: what a database writer or an HTTP client does.
final class Errand: Sendable {
    private struct State {
        var waiting: [CheckedContinuation<Void, Never>] = []
        var ended = false
    }

    private let state = Mutex(State())

    init() throws {
        let thread = try Thread.start(named: "errand", stack: 1 << 20) { [self] in
            var round = 0
            while true {
                let (waiting, ended) = state.withLock { state in
                    defer { state.waiting = [] }
                    return (state.waiting, state.ended)
                }
                // At once, so that it meets a worker on its way to sleep; now and then late, so that it sleeps.
                round += 1
                if round % 512 == 0 { usleep(50) }
                for continuation in waiting { continuation.resume() }
                if ended { return }
                if waiting.isEmpty { sched_yield() }
            }
        }
        pthread_detach(thread)
    }

    func run() async {
        await withCheckedContinuation { continuation in state.withLock { $0.waiting.append(continuation) } }
    }

    func end() {
        state.withLock { $0.ended = true }
    }
}
