import Synchronization
import Testing

@testable import Portal

@Suite("What an issuer publishes")
struct RememberedTests {
    /// A clock that is moved, and another side that counts how often it is asked.
    final class Peer: Sendable {
        struct Down: Error {}

        private let state = Mutex((now: Int64(0), asked: 0, answer: "first" as String?))

        var asked: Int { state.withLock { $0.asked } }

        func pass(seconds: Int64) { state.withLock { $0.now += seconds * 1_000_000 } }

        func publish(_ answer: String?) { state.withLock { $0.answer = answer } }

        var remembered: Remembered<String> {
            Remembered(uptime: { self.state.withLock { $0.now } }) {
                try self.state.withLock { state in
                    state.asked += 1
                    guard let answer = state.answer else { throw Down() }
                    return answer
                }
            }
        }
    }

    let peer = Peer()

    @Test("is asked for once, however many want it")
    func once() async throws {
        let remembered = peer.remembered
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await remembered.value() } }
            for try await value in group { #expect(value == "first") }
        }
        #expect(peer.asked == 1)
    }

    @Test("is asked for again after an hour, while what is known is answered")
    func refresh() async throws {
        let remembered = peer.remembered
        _ = try await remembered.value()
        peer.publish("second")
        peer.pass(seconds: 3599)
        #expect(try await remembered.value() == "first")
        #expect(peer.asked == 1)
        peer.pass(seconds: 1)
        #expect(try await remembered.value() == "first")
        // Whoever misses something waits for the question that is under way.
        _ = await remembered.news()
        #expect(try await remembered.value() == "second")
    }

    @Test("is asked for anew at most once a minute by those who miss something in it")
    func news() async throws {
        let remembered = peer.remembered
        _ = try await remembered.value()
        peer.publish("second")
        #expect(await remembered.news() == "second")
        peer.publish("third")
        for _ in 0..<10 { #expect(await remembered.news() == nil) }
        peer.pass(seconds: 59)
        #expect(await remembered.news() == nil)
        #expect(peer.asked == 2)
        peer.pass(seconds: 1)
        #expect(await remembered.news() == "third")
        #expect(peer.asked == 3)
    }

    @Test("stays in use for a day of outage, and no longer")
    func outage() async throws {
        let remembered = peer.remembered
        _ = try await remembered.value()
        peer.publish(nil)
        #expect(await remembered.news() == nil)
        peer.pass(seconds: 86_399)
        #expect(try await remembered.value() == "first")
        peer.pass(seconds: 6)
        await #expect(throws: Peer.Down.self) { try await remembered.value() }
        peer.publish("second")
        peer.pass(seconds: 5)
        #expect(try await remembered.value() == "second")
    }

    @Test("is not asked for again within seconds of a failure")
    func pause() async throws {
        peer.publish(nil)
        let remembered = peer.remembered
        for _ in 0..<5 { await #expect(throws: Peer.Down.self) { try await remembered.value() } }
        #expect(peer.asked == 1)
        peer.publish("first")
        peer.pass(seconds: 5)
        #expect(try await remembered.value() == "first")
        #expect(peer.asked == 2)
    }
}
