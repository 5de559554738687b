/// When to send the same request again. Pure: chance is given to it, and it does not wait.
///
/// Only for requests that may arrive twice: reads, and writes that carry an `Idempotency-Key`. The other side
/// may have acted on a request that timed out.
public struct RetryPolicy: Sendable {
    /// How often to send at most, the first time included.
    public var attempts: Int
    /// Milliseconds before the second attempt; doubled for each one after.
    public var base: Int64
    /// Milliseconds no wait exceeds. Who asks by `Retry-After` for more is not asked again.
    public var cap: Int64
    /// Gives a number from 0 up to 1, so that those who failed together do not come back together.
    public var jitter: @Sendable () -> Double

    public init(
        attempts: Int = 3,
        base: Int64 = 500,
        cap: Int64 = 20_000,
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.attempts = attempts
        self.cap = min(max(0, cap), 86_400_000)
        self.base = min(max(0, base), self.cap)
        self.jitter = jitter
    }

    /// 409 (the first attempt is still at work), 429 and 5xx may pass; any other answer is final.
    public static func isRetryable(status: Int) -> Bool {
        status == 409 || status == 429 || (500...599).contains(status)
    }

    /// Milliseconds to wait after the `attempt`th try (the first is 1) was answered so; `nil` to leave it at that.
    /// `retryAfter`: the answer's `Retry-After` in seconds.
    public func delay(after attempt: Int, status: Int, retryAfter: Int? = nil) -> Int64? {
        guard Self.isRetryable(status: status), let backoff = backoff(after: attempt) else { return nil }
        guard let retryAfter, retryAfter > 0 else { return backoff }
        guard Int64(retryAfter) <= cap / 1000 else { return nil }
        // Never before the time that was asked for: chance only adds.
        return max(backoff, min(cap, Int64(retryAfter) * 1000 + Int64(jitter() * Double(base))))
    }

    /// The same for an attempt without an answer.
    public func delay(after attempt: Int, error: OutboundError) -> Int64? {
        error.isRetryable ? backoff(after: attempt) : nil
    }

    /// Half of the doubled wait for sure, the other half by chance.
    private func backoff(after attempt: Int) -> Int64? {
        guard attempt >= 1, attempt < attempts else { return nil }
        var wait = base
        var doublings = attempt - 1
        while doublings > 0, wait < cap, wait > 0 {
            wait = min(wait * 2, cap)
            doublings -= 1
        }
        return wait / 2 + Int64(jitter() * Double(wait - wait / 2))
    }
}
