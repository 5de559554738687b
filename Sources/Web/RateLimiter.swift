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

/// Counts requests per caller by the generic cell rate algorithm: one time stamp per caller, no window edges at which
/// twice the quota fits. In memory, since a limit that is forgotten at a restart harms nobody.
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
    }

    struct Caller: Hashable {
        let quota: Int
        let identity: UInt64
    }

    private static let shardCount = 16
    private static let callersPerShard = 8192
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
        let window = quota.windowSeconds * 1_000_000
        let interval = max(1, window / quota.requests)
        let shard = shards[Int(truncatingIfNeeded: identity % UInt64(Self.shardCount))]
        return shard.state.withLock { shard in
            let caller = Caller(quota: index, identity: identity)
            let due = max(shard.due[caller] ?? now, now)
            let ahead = due - now
            guard ahead <= window - interval else {
                return Verdict(
                    isAllowed: false,
                    remaining: 0,
                    resetSeconds: Self.seconds(ahead),
                    retrySeconds: Self.seconds(ahead - (window - interval))
                )
            }
            if shard.due.count >= Self.callersPerShard, shard.due[caller] == nil {
                shard.due = shard.due.filter { $0.value > now }
            }
            shard.due[caller] = due + interval
            return Verdict(
                isAllowed: true,
                remaining: (window - ahead - interval) / interval,
                resetSeconds: Self.seconds(ahead + interval),
                retrySeconds: 0
            )
        }
    }

    private static func seconds(_ microseconds: Int64) -> Int64 {
        (microseconds + 999_999) / 1_000_000
    }
}
