import Crypto
import Dispatch
import Storage
import Synchronization
import Testing
import Web

@testable import Portal

/// A hash that lasts until the test says so, and how many ran at once.
private final class SlowWork: Sendable {
    private let gate = DispatchSemaphore(value: 0)
    private let counts = Mutex((running: 0, most: 0, done: 0))

    func run() {
        counts.withLock { counts in
            counts.running += 1
            counts.most = max(counts.most, counts.running)
        }
        gate.wait()
        counts.withLock { counts in
            counts.running -= 1
            counts.done += 1
        }
    }

    func finishOne() { gate.signal() }
    var running: Int { counts.withLock { $0.running } }
    var most: Int { counts.withLock { $0.most } }
    var done: Int { counts.withLock { $0.done } }
}

/// Stands still until it is set.
private final class HandClock: Sendable {
    private let time = Mutex<Int64>(0)

    var now: Int64 {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }
}

@Suite("The password lane")
struct PasswordLaneTests {
    private let work = SlowWork()

    private func lane(_ uptime: @escaping @Sendable () -> Int64 = { 0 }) throws -> PasswordLane {
        PasswordLane(
            runningAtMost: 2,
            cost: try require(PasswordHash.Cost(logN: 4, r: 1, p: 1)),
            uptime: uptime
        )
    }

    private func until(_ condition: () -> Bool) async {
        while !condition() { await Task.yield() }
    }

    /// Nil when it was done, the refusal's status when not.
    private func begin(_ lane: PasswordLane) -> Task<Int?, any Error> {
        Task {
            do {
                try await lane.run { [work] in work.run() }
                return nil
            } catch let failure as Failure {
                return failure.status
            }
        }
    }

    @Test("runs two at once, lets 32 wait in their order, and refuses the next at once")
    func bounds() async throws {
        let lane = try lane()
        let first = [begin(lane), begin(lane)]
        await until { work.running == 2 }
        var others: [Task<Int?, any Error>] = []
        for number in 1...32 {
            others.append(begin(lane))
            await until { lane.waiting == number }
        }
        #expect(try await begin(lane).value == 429)
        #expect(work.running == 2)
        for _ in 0..<34 { work.finishOne() }
        for one in first + others { #expect(try await one.value == nil) }
        #expect(work.most == 2)
        #expect(work.done == 34)
    }

    @Test("refuses who has waited for ten seconds, and goes on with the next")
    func late() async throws {
        let clock = HandClock()
        let lane = try lane { clock.now }
        let first = [begin(lane), begin(lane)]
        await until { work.running == 2 }
        let late = begin(lane)
        await until { lane.waiting == 1 }
        clock.now = 6_000_000
        let punctual = begin(lane)
        await until { lane.waiting == 2 }
        clock.now = 10_000_001
        work.finishOne()
        #expect(try await late.value == 429)
        await until { work.running == 2 }
        for _ in 0..<2 { work.finishOne() }
        #expect(try await punctual.value == nil)
        for one in first { #expect(try await one.value == nil) }
    }

    @Test("leaves a processor to requests, as long as there is another", arguments: [(1, 1), (2, 1), (3, 2), (64, 2)])
    func processors(count: Int, running: Int) {
        #expect(PasswordLane.runningAtMost(processors: count) == running)
    }

    @Test("takes a turn back from work that fails")
    func failures() async throws {
        let lane = try lane()
        for _ in 0..<5 {
            await #expect(throws: Missing.self) { try await lane.run { throw Missing() } }
        }
        #expect(try await lane.verify("a", against: try await lane.hash("a")) == .match(needsRehash: false))
    }
}
