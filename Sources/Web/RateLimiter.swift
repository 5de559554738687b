import Synchronization

/// How many requests one caller may make in a class of routes.
public struct RateQuota: Sendable, Equatable {
    public let name: String
    /// Requests in a window; all of them may come at once.
    public let requests: Int64
    public let windowSeconds: Int64

    public init(_ name: String, requests: Int64, windowSeconds: Int64 = 60) {
        (self.name, self.requests, self.windowSeconds) = (name, max(1, requests), max(1, windowSeconds))
    }
}

/// Counts requests per caller by the generic cell rate algorithm: one time stamp per caller.
///
/// Who has rested for a window may send the whole quota at once; each request comes back after its share of the window.
/// So any time of length `t` sees at most `quota + quota × t / window` of them. In memory, since a limit that is
/// forgotten at a restart harms nobody.
public final class RateLimiter: Sendable {
    public struct Verdict: Sendable, Equatable {
        public let isAllowed: Bool
        public let remaining: Int64
        /// Until the whole quota is there again.
        public let resetSeconds: Int64
        /// Until one more request fits; 0 when allowed.
        public let retrySeconds: Int64
    }

    private struct Shard: Sendable {
        /// The theoretical arrival time of each caller's next request, in microseconds.
        var due: [Caller: Int64] = [:]
        /// How many callers call for the next sweep.
        var sweepAt = RateLimiter.callersPerShard

        /// Forgets callers whose whole quota is there again. Waits until twice as many have come as stayed, so that a
        /// crowd of new callers does not pay for a sweep each.
        mutating func makeRoom(at now: Int64) {
            guard due.count >= sweepAt else { return }
            due = due.filter { $0.value > now }
            sweepAt = max(RateLimiter.callersPerShard, 2 * due.count)
        }
    }

    struct Caller: Hashable {
        let quota: Int
        let identity: UInt64
    }

    static let shardCount = 16
    static let callersPerShard = 8192
    private let shards: [ShardBox]

    private final class ShardBox: Sendable {
        let state = Mutex(Shard())
    }

    public init() {
        shards = (0..<Self.shardCount).map { _ in ShardBox() }
    }

    /// Takes one request from `identity`'s quota if it fits.
    /// - Parameters:
    ///   - index: which quota this is, so that classes do not share counts.
    ///   - now: microseconds of a clock that does not jump.
    public func take(_ quota: RateQuota, index: Int, identity: UInt64, now: Int64) -> Verdict {
        // Rounded up, and the span follows from it: exactly the quota fits at once, and never more comes back in time.
        let interval = (quota.windowSeconds * 1_000_000 + quota.requests - 1) / quota.requests
        let span = interval * quota.requests
        let shard = shards[Int(truncatingIfNeeded: identity % UInt64(Self.shardCount))]
        return shard.state.withLock { shard in
            let caller = Caller(quota: index, identity: identity)
            let due = max(shard.due[caller] ?? now, now)
            let ahead = due - now
            guard ahead <= span - interval else {
                return Verdict(
                    isAllowed: false,
                    remaining: 0,
                    resetSeconds: Self.seconds(ahead),
                    retrySeconds: Self.seconds(ahead - (span - interval))
                )
            }
            shard.makeRoom(at: now)
            shard.due[caller] = due + interval
            return Verdict(
                isAllowed: true,
                remaining: (span - ahead - interval) / interval,
                resetSeconds: Self.seconds(ahead + interval),
                retrySeconds: 0
            )
        }
    }

    /// Callers remembered now, for tests.
    var callers: Int { shards.reduce(0) { $0 + $1.state.withLock { $0.due.count } } }

    private static func seconds(_ microseconds: Int64) -> Int64 {
        (microseconds + 999_999) / 1_000_000
    }
}
