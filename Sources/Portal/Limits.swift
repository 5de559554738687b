import Web

/// The rate limits per route class and caller, and the headers that tell of them
/// (draft-ietf-httpapi-ratelimit-headers).
struct Limits: Sendable {
    private let limiter = RateLimiter()
    private let quotas: [(quota: RateQuota, policy: Header)?]
    private let strangers: RateQuota

    init(_ settings: Settings) {
        quotas = LimitClass.allCases.map { limit in
            settings.quota(of: limit).map { requests in
                let quota = RateQuota("\(limit)", requests: Int64(requests))
                let policy = "\"\(quota.name)\";q=\(quota.requests);w=\(quota.windowSeconds)"
                return (quota, Header("RateLimit-Policy", policy))
            }
        }
        strangers = RateQuota("unknown_keys", requests: Int64(settings.limitUnknownKeys))
    }

    /// Takes one request of the caller's quota; the headers go onto whatever is answered.
    /// - Throws: ``Failure`` 429 with `Retry-After`.
    func admit(_ caller: Caller, to route: Route, at uptime: Int64) throws -> [Header] {
        guard let (quota, policy) = quotas[route.limit.rawValue] else { return [] }
        // Where a cookie is not asked for, a made-up one must not be a quota of its own.
        let shown = route.access == .visitor ? nil : caller.presentedKey ?? caller.sessionToken
        let identity = Self.identity(shown ?? ClientNetwork.of(caller.address))
        let verdict = limiter.take(quota, index: route.limit.rawValue, identity: identity, now: uptime)
        // `Retry-After` must not name an earlier moment than `t` (section 5.3 there), so on a refusal they are one.
        let seconds = verdict.isAllowed ? verdict.resetSeconds : max(1, verdict.retrySeconds)
        let headers = [
            policy,
            Header("RateLimit", "\"\(quota.name)\";r=\(verdict.remaining);t=\(seconds)"),
        ]
        guard verdict.isAllowed else { throw Self.refusal(verdict, headers) }
        return headers
    }

    /// Guessing keys is limited by address: each guess would otherwise have a quota of its own.
    /// - Throws: ``Failure`` 429.
    func countStrangers(_ caller: Caller, at uptime: Int64) throws {
        let identity = Self.identity(ClientNetwork.of(caller.address))
        let verdict = limiter.take(strangers, index: LimitClass.allCases.count, identity: identity, now: uptime)
        guard verdict.isAllowed else { throw Self.refusal(verdict, []) }
    }

    /// Takes one request of every window of a key's own limits, or of none.
    /// - Returns: how they stand, in the order of the windows.
    /// - Throws: ``Failure`` 429.
    @discardableResult
    func admit(_ grant: Caller.KeyGrant, at uptime: Int64) throws -> [RateLimiter.Verdict] {
        guard !grant.rateLimits.isEmpty else { return [] }
        let verdicts = take(grant, at: uptime)
        let refusals = zip(grant.rateLimits, verdicts).filter { !$0.1.isAllowed }
        guard let (window, verdict) = refusals.max(by: { $0.1.retrySeconds < $1.1.retrySeconds }) else {
            return verdicts
        }
        let quota = window.quota
        throw Self.refusal(
            verdict,
            [
                Header("RateLimit-Policy", "\"\(quota.name)\";q=\(quota.requests);w=\(quota.windowSeconds)"),
                Header("RateLimit", "\"\(quota.name)\";r=0;t=\(max(1, verdict.retrySeconds))"),
            ]
        )
    }

    func take(_ grant: Caller.KeyGrant, at uptime: Int64) -> [RateLimiter.Verdict] {
        limiter.take(Self.quotas(of: grant), identity: Self.identity(of: grant), now: uptime)
    }

    /// For a request that its key's windows let pass and something else refused.
    func giveBack(_ grant: Caller.KeyGrant) {
        limiter.giveBack(Self.quotas(of: grant), identity: Self.identity(of: grant))
    }

    /// A window is known by its length: one that is changed to another length begins anew.
    private static func quotas(of grant: Caller.KeyGrant) -> [(quota: RateQuota, index: Int)] {
        grant.rateLimits.map { ($0.quota, index: 1000 + Int($0.seconds.value)) }
    }

    private static func identity(of grant: Caller.KeyGrant) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(grant.id)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    private static func refusal(_ verdict: RateLimiter.Verdict, _ headers: [Header]) -> Failure {
        var failure = Failure(429, "rate_limited", "Too many requests, please slow down")
        failure.headers = headers + [Header("Retry-After", "\(max(1, verdict.retrySeconds))")]
        return failure
    }

    /// Swift's hashing is seeded anew in each process, so nobody can aim at another's count.
    private static func identity(_ text: some StringProtocol) -> UInt64 {
        var hasher = Hasher()
        for byte in text.utf8 { hasher.combine(byte) }
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
