import Testing

@testable import Web

@Suite("The rate limiter")
struct RateLimiterTests {
    static let second: Int64 = 1_000_000

    @Test(
        "lets exactly the quota through at once",
        arguments: [1, 2, 3, 7, 11, 30, 59, 60, 61, 1000, 11_000] as [Int64]
    )
    func exact(requests: Int64) {
        let limiter = RateLimiter()
        let quota = RateQuota("q", requests: requests)
        for taken in 1...requests {
            let verdict = limiter.take(quota, index: 0, identity: 1, now: 5)
            #expect(verdict.isAllowed)
            #expect(verdict.remaining == requests - taken)
        }
        let refused = limiter.take(quota, index: 0, identity: 1, now: 5)
        #expect(!refused.isAllowed)
        #expect(refused.remaining == 0)
        #expect(refused.retrySeconds >= 1)
    }

    @Test("gives each request back after its share of the window")
    func refill() {
        let limiter = RateLimiter()
        let quota = RateQuota("q", requests: 6)
        func take(at seconds: Int64) -> RateLimiter.Verdict {
            limiter.take(quota, index: 0, identity: 1, now: seconds * Self.second)
        }
        for _ in 0..<6 { #expect(take(at: 0).isAllowed) }
        let refused = take(at: 0)
        #expect(refused.retrySeconds == 10)
        #expect(refused.resetSeconds == 60)
        #expect(!take(at: 9).isAllowed)
        // To be refused costs nothing.
        #expect(take(at: 10).isAllowed)
        #expect(!take(at: 10).isAllowed)
        #expect(take(at: 20).isAllowed)
        // And after a rest the whole quota is there, not more.
        for _ in 0..<6 { #expect(take(at: 1000).isAllowed) }
        #expect(!take(at: 1000).isAllowed)
    }

    @Test("takes from several quotas or from none")
    func several() {
        let limiter = RateLimiter()
        let narrow = (quota: RateQuota("narrow", requests: 1, windowSeconds: 1), index: 1)
        let wide = (quota: RateQuota("wide", requests: 3, windowSeconds: 3600), index: 2)
        func take(at seconds: Int64) -> [RateLimiter.Verdict] {
            limiter.take([narrow, wide], identity: 9, now: seconds * Self.second)
        }
        #expect(take(at: 0).map(\.remaining) == [0, 2])
        for _ in 0..<10 {
            let refused = take(at: 0)
            #expect(refused.map(\.isAllowed) == [false, true])
            #expect(refused.map(\.remaining) == [0, 2])
        }
        #expect(take(at: 1).map(\.remaining) == [0, 1])
        #expect(take(at: 2).map(\.remaining) == [0, 0])
        // Now the wide one refuses, and the narrow one keeps what it has.
        let refused = take(at: 3)
        #expect(refused.map(\.isAllowed) == [true, false])
        #expect(refused[0].remaining == 1)
        #expect(refused[1].retrySeconds > 1000)
    }

    @Test("gives back what was taken in vain")
    func returned() {
        let limiter = RateLimiter()
        let quotas = [(quota: RateQuota("q", requests: 2, windowSeconds: 60), index: 1)]
        for _ in 0..<5 {
            #expect(limiter.take(quotas, identity: 1, now: 0)[0].isAllowed)
            limiter.giveBack(quotas, identity: 1)
        }
        for remaining in [1, 0] as [Int64] {
            #expect(limiter.take(quotas, identity: 1, now: 0)[0].remaining == remaining)
        }
        #expect(!limiter.take(quotas, identity: 1, now: 0)[0].isAllowed)
    }

    @Test("lets exactly the quota through of many at once, through several windows")
    func concurrent() async {
        let limiter = RateLimiter()
        let quotas = [(1000, 1), (700, 2), (900, 3)].map { requests, index in
            (quota: RateQuota("q", requests: Int64(requests), windowSeconds: 86_400), index: index)
        }
        let allowed = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<200).count { _ in limiter.take(quotas, identity: 7, now: 0).allSatisfy(\.isAllowed) }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(allowed == 700)
    }

    @Test("says how many are left and when all are back")
    func verdict() {
        let limiter = RateLimiter()
        let quota = RateQuota("q", requests: 60)
        #expect(
            limiter.take(quota, index: 0, identity: 1, now: 0)
                == .init(isAllowed: true, remaining: 59, resetSeconds: 1, retrySeconds: 0)
        )
        #expect(
            limiter.take(quota, index: 0, identity: 1, now: 0)
                == .init(isAllowed: true, remaining: 58, resetSeconds: 2, retrySeconds: 0)
        )
    }

    @Test("counts callers and classes apart, also callers of one shard")
    func independence() {
        let limiter = RateLimiter()
        let quota = RateQuota("q", requests: 2)
        let callers: [UInt64] = [0, 1, 16, 32, .max, .max - 16]
        for index in 0..<3 {
            for caller in callers {
                let allowed = (0..<5).count { _ in limiter.take(quota, index: index, identity: caller, now: 0).isAllowed
                }
                #expect(allowed == 2)
            }
        }
    }

    /// A full quota may follow upon a rest, and what comes back meanwhile: that and no more, in any stretch of time.
    @Test("never lets more through than the quota and what has come back, in any stretch of time")
    func property() {
        var dice = Dice(for: "rate limiter")
        for round in 0..<60 {
            let limiter = RateLimiter()
            let quota = RateQuota("q", requests: Int64(dice.roll(1...40)), windowSeconds: Int64(dice.roll(1...60)))
            let window = quota.windowSeconds * Self.second
            var now = Int64(dice.roll(0...1_000_000))
            var admitted: [Int64] = []
            for _ in 0..<400 {
                now += dice.roll(0...4) == 0 ? Int64(dice.roll(0...Int(window))) : Int64(dice.roll(0...50_000))
                let verdict = limiter.take(quota, index: 0, identity: 7, now: now)
                if verdict.isAllowed { admitted.append(now) }
                #expect((0..<quota.requests).contains(verdict.remaining))
                #expect(verdict.isAllowed || verdict.retrySeconds >= 1)
            }
            for start in admitted.indices {
                for end in start..<admitted.count {
                    let elapsed = admitted[end] - admitted[start]
                    let most = quota.requests + quota.requests * elapsed / window
                    #expect(Int64(end - start + 1) <= most, "seed \(dice.seed), round \(round)")
                }
            }
        }
    }

    @Test("lets the promised moment of a retry through")
    func retry() {
        let limiter = RateLimiter()
        let quota = RateQuota("q", requests: 7)
        for _ in 0..<7 { _ = limiter.take(quota, index: 0, identity: 1, now: 0) }
        let wait = limiter.take(quota, index: 0, identity: 1, now: 0).retrySeconds
        #expect(limiter.take(quota, index: 0, identity: 1, now: wait * Self.second).isAllowed)
    }

    @Test("forgets callers who have rested, and nobody else")
    func eviction() {
        let limiter = RateLimiter()
        let quota = RateQuota("q", requests: 1)
        let most = RateLimiter.callersPerShard
        func take(_ caller: Int, at seconds: Int64) -> Bool {
            // All in one shard.
            limiter.take(
                quota,
                index: 0,
                identity: UInt64(caller * RateLimiter.shardCount),
                now: seconds * Self.second
            ).isAllowed
        }
        for caller in 0..<most { #expect(take(caller, at: 0)) }
        #expect(limiter.callers == most)
        // Nobody has rested: all are kept, and none gets a second request.
        for caller in most..<(most + 10) { #expect(take(caller, at: 30)) }
        #expect(limiter.callers == most + 10)
        #expect(!take(0, at: 30))
        // Once the first have rested they are swept when as many again have come.
        for caller in (most + 10)..<(2 * most + 1) { #expect(take(caller, at: 61)) }
        #expect(limiter.callers == most + 1)
        #expect(!take(most, at: 61))
        #expect(take(0, at: 61))
    }

    @Test("lets exactly the quota through to callers that race")
    func race() async {
        let limiter = RateLimiter()
        let quota = RateQuota("q", requests: 500)
        let allowed = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<200).count { _ in limiter.take(quota, index: 0, identity: 1, now: 0).isAllowed }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(allowed == 500)
    }
}
