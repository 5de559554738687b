import Crypto
import Dispatch
import Synchronization
import Web

/// Hashes passwords on two threads of its own: scrypt takes 32 MiB and a third of a second by design, so at most two
/// run at once, a few wait, and past that the answer is 429.
final class PasswordLane: Sendable {
    private let queues = [DispatchQueue(label: "purser-password-1"), DispatchQueue(label: "purser-password-2")]
    private let waiting = Mutex(0)
    private let waitingLimit = 32
    private let cost: PasswordHash.Cost

    init(cost: PasswordHash.Cost = .standard) {
        self.cost = cost
    }

    func hash(_ password: String) async throws -> String {
        try await run { [cost] in try PasswordHash.make(Array(password.utf8), cost: cost) }
    }

    /// Takes as long without a hash as with one, so that nobody learns by the clock who has an account.
    func verify(_ password: String, against hash: String?) async throws -> PasswordHash.Verdict {
        let verdict = try await run { [cost] in
            try PasswordHash.verify(Array(password.utf8), against: hash ?? PasswordHash.decoy(cost: cost), wanted: cost)
        }
        return hash == nil ? .mismatch : verdict
    }

    /// - Throws: ``Failure`` 429 when too many wait.
    private func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        let number = waiting.withLock { waiting -> Int? in
            guard waiting < waitingLimit else { return nil }
            waiting += 1
            return waiting
        }
        guard let number else {
            throw Failure(429, "busy", "Too many sign-ins at once, please try again").adding(Header("Retry-After", "2"))
        }
        defer { waiting.withLock { $0 -= 1 } }
        return try await withCheckedThrowingContinuation { continuation in
            queues[number % queues.count].async {
                continuation.resume(with: Swift.Result { try work() })
            }
        }
    }
}
