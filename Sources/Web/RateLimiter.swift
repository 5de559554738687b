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
        return shard(of: identity).state.withLock { shard in
            let caller = Caller(quota: index, identity: identity)
            let due = max(shard.due[caller] ?? now, now)
            let verdict = quota.verdict(ahead: due - now)
            if verdict.isAllowed {
                shard.makeRoom(at: now)
                shard.due[caller] = due + quota.interval
            }
            return verdict
        }
    }

    /// Takes one request from each of several quotas if it fits into all; a refusal by one counts in none.
    /// - Parameter quotas: each with its index, as ``take(_:index:identity:now:)`` has it.
    /// - Returns: a verdict for each quota, in order.
    public func take(
        _ quotas: [(quota: RateQuota, index: Int)],
        identity: UInt64,
        now: Int64
    ) -> [Verdict] {
        shard(of: identity).state.withLock { shard in
            let dues = quotas.map { max(shard.due[Caller(quota: $0.index, identity: identity)] ?? now, now) }
            let verdicts = zip(quotas, dues).map { $0.quota.verdict(ahead: $1 - now) }
            guard verdicts.allSatisfy(\.isAllowed) else {
                return zip(zip(quotas, dues), verdicts).map {
                    $1.isAllowed ? $0.0.quota.untouched(ahead: $0.1 - now) : $1
                }
            }
            shard.makeRoom(at: now)
            for (entry, due) in zip(quotas, dues) {
                shard.due[Caller(quota: entry.index, identity: identity)] = due + entry.quota.interval
            }
            return verdicts
        }
    }

    /// Undoes one ``take(_:identity:now:)`` that was allowed, for a request that was refused elsewhere.
    public func giveBack(_ quotas: [(quota: RateQuota, index: Int)], identity: UInt64) {
        shard(of: identity).state.withLock { shard in
            for entry in quotas {
                let caller = Caller(quota: entry.index, identity: identity)
                if let due = shard.due[caller] { shard.due[caller] = due - entry.quota.interval }
            }
        }
    }

    private func shard(of identity: UInt64) -> ShardBox {
        shards[Int(truncatingIfNeeded: identity % UInt64(Self.shardCount))]
    }

    /// Callers remembered now, for tests.
    var callers: Int { shards.reduce(0) { $0 + $1.state.withLock { $0.due.count } } }

    fileprivate static func seconds(_ microseconds: Int64) -> Int64 {
        (microseconds + 999_999) / 1_000_000
    }
}

extension RateQuota {
    /// Microseconds that one request stands for. Rounded up, and the span follows from it: exactly the quota fits at
    /// once, and never more comes back in time.
    fileprivate var interval: Int64 { (windowSeconds * 1_000_000 + requests - 1) / requests }

    /// Whether one more fits when what was taken is used up in `ahead` microseconds only.
    fileprivate func verdict(ahead: Int64) -> RateLimiter.Verdict {
        let interval = interval
        let span = interval * requests
        guard ahead <= span - interval else {
            return RateLimiter.Verdict(
                isAllowed: false,
                remaining: 0,
                resetSeconds: RateLimiter.seconds(ahead),
                retrySeconds: RateLimiter.seconds(ahead - (span - interval))
            )
        }
        return RateLimiter.Verdict(
            isAllowed: true,
            remaining: (span - ahead - interval) / interval,
            resetSeconds: RateLimiter.seconds(ahead + interval),
            retrySeconds: 0
        )
    }

    /// The same where it would fit and is not taken.
    fileprivate func untouched(ahead: Int64) -> RateLimiter.Verdict {
        RateLimiter.Verdict(
            isAllowed: true,
            remaining: (interval * requests - ahead) / interval,
            resetSeconds: RateLimiter.seconds(ahead),
            retrySeconds: 0
        )
    }
}
