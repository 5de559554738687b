import Testing

@testable import Outbound

@Suite("Breaker") struct BreakerTests {
    private let settings = Breaker.Settings(failures: 3, opensFor: 5000, atMost: 20_000)

    enum Step: Sendable {
        case succeed
        case fail
        case refused(Int64)
        case wait(Int64)
    }

    @Test(
        "opens, tries and closes",
        arguments: [
            ("stays closed below the bound", [.fail, .fail, .succeed, .fail, .fail, .succeed]),
            ("opens at the third failure in a row", [.fail, .fail, .fail, .refused(5000)]),
            ("says how long is left", [.fail, .fail, .fail, .wait(4999), .refused(1)]),
            ("lets one through when the time is over", [.fail, .fail, .fail, .wait(5000), .succeed, .succeed]),
            (
                "starts counting anew after it closed",
                [.fail, .fail, .fail, .wait(5000), .succeed, .fail, .fail, .succeed]
            ),
            ("opens again at one failure, twice as long", [.fail, .fail, .fail, .wait(5000), .fail, .refused(10_000)]),
            (
                "never opens longer than it may",
                [
                    .fail, .fail, .fail, .wait(5000), .fail, .wait(10_000), .fail, .refused(20_000), .wait(20_000),
                    .fail, .refused(20_000),
                ]
            ),
            (
                "opens as briefly as at first once it has closed",
                [
                    .fail, .fail, .fail, .wait(5000), .fail, .wait(10_000), .succeed, .fail, .fail, .fail,
                    .refused(5000),
                ]
            ),
        ] as [(String, [Step])]
    )
    func table(what: String, steps: [Step]) throws {
        var breaker = Breaker(settings)
        var now: Int64 = 0
        for (index, step) in steps.enumerated() {
            switch step {
            case .wait(let time):
                now += time
            case .refused(let wait):
                #expect(breaker.admit(at: now) == .refuse(retryAfter: wait), "\(what), step \(index)")
                #expect(breaker.refusal(at: now) == wait)
            case .succeed, .fail:
                var succeeded = false
                if case .succeed = step { succeeded = true }
                #expect(breaker.refusal(at: now) == nil)
                let permit = try #require(permit(&breaker, now), "\(what), step \(index)")
                breaker.record(permit, succeeded: succeeded, at: now)
            }
        }
    }

    @Test("lets only one through while half open")
    func halfOpen() throws {
        var breaker = try opened()
        let probe = try #require(permit(&breaker, 5000))
        #expect(permit(&breaker, 5000) == nil)
        #expect(permit(&breaker, 50_000) == nil, "however long the one takes")
        breaker.record(probe, succeeded: true, at: 50_000)
        #expect(permit(&breaker, 50_000) != nil)
        #expect(permit(&breaker, 50_000) != nil)
    }

    @Test("ignores what was let through before it opened")
    func late() throws {
        var breaker = Breaker(settings)
        let slow = try #require(permit(&breaker, 0))
        for _ in 0..<3 {
            breaker.record(try #require(permit(&breaker, 0)), succeeded: false, at: 0)
        }
        breaker.record(slow, succeeded: true, at: 1)
        #expect(permit(&breaker, 1) == nil, "an old success does not close it")
        let probe = try #require(permit(&breaker, 5000))
        breaker.record(slow, succeeded: false, at: 5000)
        breaker.record(probe, succeeded: true, at: 5001)
        breaker.record(slow, succeeded: false, at: 5002)
        #expect(permit(&breaker, 5002) != nil, "an old failure does not open it")
    }

    @Test("counts failures that were under way together")
    func together() throws {
        var breaker = Breaker(settings)
        let permits = try (0..<3).map { _ in try #require(permit(&breaker, 0)) }
        for permit in permits {
            breaker.record(permit, succeeded: false, at: 0)
        }
        #expect(permit(&breaker, 0) == nil)
    }

    @Test("never opens if told so")
    func never() throws {
        var breaker = Breaker(.never)
        for _ in 0..<10_000 {
            breaker.record(try #require(permit(&breaker, 0)), succeeded: false, at: 0)
        }
        #expect(breaker.refusal(at: 0) == nil)
    }

    private func opened() throws -> Breaker {
        var breaker = Breaker(settings)
        for _ in 0..<3 {
            breaker.record(try #require(permit(&breaker, 0)), succeeded: false, at: 0)
        }
        return breaker
    }

    private func permit(_ breaker: inout Breaker, _ now: Int64) -> Breaker.Permit? {
        if case .pass(let permit) = breaker.admit(at: now) { permit } else { nil }
    }
}
