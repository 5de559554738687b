import Crypto
import Dispatch
import Glibc
import Synchronization
import Web

/// Hashes passwords on threads of its own: scrypt takes 32 MiB and a third of a second by design, so at most two run
/// at once, one where there are but two processors, a few wait their turn, and past that the answer is 429.
///
/// Who has waited too long is refused as well, before nginx gives up on Purser.
final class PasswordLane: Sendable {
    private static let waitingAtMost = 32
    /// Leaves a hash time to run before the 15 seconds of nginx's `fastcgi_read_timeout`.
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

    private let queue = DispatchQueue(label: "purser-password", attributes: .concurrent)
    private let state = Mutex(State())
    private let runningAtMost: Int
    private let cost: PasswordHash.Cost
    private let uptime: @Sendable () -> Int64

    /// - Parameter uptime: microseconds of a clock that never jumps.
    init(
        runningAtMost: Int = PasswordLane.runningAtMost(processors: sysconf(Int32(_SC_NPROCESSORS_ONLN))),
        cost: PasswordHash.Cost = .standard,
        uptime: @escaping @Sendable () -> Int64
    ) {
        (self.runningAtMost, self.cost, self.uptime) = (runningAtMost, cost, uptime)
    }

    /// Leaves a processor to the requests. Measured on two that others used too, reads by wrk without a pause: beside
    /// two hashes their p99 was 1.6 to 3.7 times of what it was alone, beside one 1.5 to 1.7 times.
    ///
    /// A lower priority is no way: where the kernel groups threads by session or service, nginx competes with all of
    /// this process, and at nice 10 and 19 the p99 rose to 5 and 19 times even beside one hash.
    static func runningAtMost(processors: Int) -> Int { min(2, max(1, processors - 1)) }

    /// - Throws: ``Failure`` 429 when too many wait, or this one had to for too long.
    func hash(_ password: String) async throws -> String {
        try await run { [cost] in try PasswordHash.make(Array(password.utf8), cost: cost) }
    }

    /// Takes as long without a hash as with one, so that nobody learns by the clock who has an account.
    /// - Throws: as ``hash(_:)``.
    func verify(_ password: String, against hash: String?) async throws -> PasswordHash.Verdict {
        let verdict = try await run { [cost] in
            try PasswordHash.verify(Array(password.utf8), against: hash ?? PasswordHash.decoy(cost: cost), wanted: cost)
        }
        return hash == nil ? .mismatch : verdict
    }

    /// Those in the line now, for tests.
    var waiting: Int { state.withLock { $0.waiting.count } }

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
            case .refused: turn.resume(throwing: Self.busy)
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
        for one in late { one.turn.resume(throwing: Self.busy) }
        next?.turn.resume()
    }

    private static let busy = Failure(429, "busy", "Too many sign-ins at once, please try again")
        .adding(Header("Retry-After", "2"))
}
