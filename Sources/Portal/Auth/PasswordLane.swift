import Crypto
import Glibc
import Web

/// Hashes passwords on threads of its own: scrypt takes 32 MiB and a third of a second by design, so at most two run
/// at once, one where there are but two processors, a few wait their turn, and past that the answer is 429.
final class PasswordLane: Sendable {
    private let lane: BoundedLane
    private let cost: PasswordHash.Cost

    /// - Parameter uptime: microseconds of a clock that never jumps.
    init(
        runningAtMost: Int = PasswordLane.runningAtMost(processors: sysconf(Int32(_SC_NPROCESSORS_ONLN))),
        cost: PasswordHash.Cost = .standard,
        uptime: @escaping @Sendable () -> Int64
    ) {
        let busy = Failure(429, "busy", "Too many sign-ins at once, please try again")
            .adding(Header("Retry-After", "2"))
        lane = BoundedLane("purser-password", runningAtMost: runningAtMost, busy: busy, uptime: uptime)
        self.cost = cost
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
    var waiting: Int { lane.waiting }

    func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await lane.run(work)
    }
}
