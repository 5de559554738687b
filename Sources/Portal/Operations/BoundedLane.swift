import Dispatch
import Synchronization
import Web

/// Threads for work that takes long: so many run at once, a few wait their turn, and past that the answer is `busy`.
///
/// Who has waited too long is refused as well, before nginx gives up on Purser.
final class BoundedLane: Sendable {
    private static let waitingAtMost = 32
    /// Leaves the work time to run before the 15 seconds of nginx's `fastcgi_read_timeout`.
    private static let waitAtMost: Int64 = 10_000_000

    private struct Waiter {
        let since: Int64
        let turn: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var running = 0
        /// In the order of their coming.
        var waiting: [Waiter] = []
    }

    private let queue: DispatchQueue
    private let state = Mutex(State())
    private let runningAtMost: Int
    private let busy: Failure
    private let uptime: @Sendable () -> Int64

    /// - Parameter uptime: microseconds of a clock that never jumps.
    init(_ name: String, runningAtMost: Int, busy: Failure, uptime: @escaping @Sendable () -> Int64) {
        queue = DispatchQueue(label: name, attributes: .concurrent)
        (self.runningAtMost, self.busy, self.uptime) = (runningAtMost, busy, uptime)
    }

    /// Those in the line now, for tests.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// - Throws: `busy` when too many wait, or this one had to for too long; what `work` throws.
    func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await takeTurn()
        defer { passTurn() }
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try work() }) }
        }
    }

    private enum Place { case taken, inLine, refused }

    private func takeTurn() async throws {
        let now = uptime()
        try await withCheckedThrowingContinuation { (turn: CheckedContinuation<Void, any Error>) in
            let place = state.withLock { state -> Place in
                if state.running < runningAtMost {
                    state.running += 1
                    return .taken
                }
                guard state.waiting.count < Self.waitingAtMost else { return .refused }
                state.waiting.append(Waiter(since: now, turn: turn))
                return .inLine
            }
            switch place {
            case .taken: turn.resume()
            case .refused: turn.resume(throwing: busy)
            case .inLine: break
            }
        }
    }

    /// Hands the turn to the first who has not waited too long; those before are refused.
    private func passTurn() {
        let now = uptime()
        let (late, next) = state.withLock { state -> ([Waiter], Waiter?) in
            let late = state.waiting.prefix { now - $0.since > Self.waitAtMost }
            state.waiting.removeFirst(late.count)
            guard let next = state.waiting.first else {
                state.running -= 1
                return (Array(late), nil)
            }
            state.waiting.removeFirst()
            return (Array(late), next)
        }
        for one in late { one.turn.resume(throwing: busy) }
        next?.turn.resume()
    }
}
