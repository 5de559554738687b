import Synchronization
import Testing

@testable import Outbound

@Suite("Sending again") struct RetryTests {
    private let peer: Peer
    private let policy = RetryPolicy(attempts: 4, base: 1000, cap: 10_000, jitter: { 0 })

    init() throws {
        peer = try Peer.shared.get()
    }

    /// Notes the waits instead of waiting.
    private final class Sleeper: Sendable {
        private let noted = Mutex<[Int64]>([])
        var waits: [Int64] { noted.withLock { $0 } }

        func sleep(_ milliseconds: Int64) {
            noted.withLock { $0.append(milliseconds) }
        }
    }

    private func send(_ path: String, _ sleeper: Sleeper) async throws -> OutboundResponse {
        let lane = try Lane(name: "test", breaker: .never, now: Clock.monotonic)
        let request = OutboundRequest(.post, peer.base + path, headers: [("Idempotency-Key", "same")], body: [])
        return try await lane.send(request, retrying: policy, sleep: { sleeper.sleep($0) })
    }

    @Test("repeats with the same idempotency key until it is answered")
    func sameKey() async throws {
        let sleeper = Sleeper()
        let response = try await send("/script?name=same&codes=500,0,409,200", sleeper)
        #expect(response.status == 200)
        #expect(sleeper.waits == [500, 1000, 2000])
        #expect(try await peer.keysSeen(by: "same") == ["same", "same", "same", "same"])
    }

    @Test("gives the last answer when the attempts are used up")
    func exhausted() async throws {
        let sleeper = Sleeper()
        #expect(try await send("/script?name=exhausted&codes=500,502,503,504,200", sleeper).status == 504)
        #expect(sleeper.waits.count == 3)
    }

    @Test("throws the last error when the attempts are used up")
    func exhaustedByErrors() async throws {
        let sleeper = Sleeper()
        await #expect(throws: OutboundError.self) { try await send("/script?name=errors&codes=0", sleeper) }
        #expect(sleeper.waits.count == 3)
        #expect(try await peer.keysSeen(by: "errors").count == 4)
    }

    @Test("does not repeat what the peer refused for good", arguments: [400, 402, 404])
    func final(status: Int) async throws {
        let sleeper = Sleeper()
        #expect(try await send("/script?name=final\(status)&codes=\(status),200", sleeper).status == status)
        #expect(sleeper.waits.isEmpty)
    }

    @Test("waits as long as Retry-After says")
    func retryAfter() async throws {
        let sleeper = Sleeper()
        #expect(try await send("/script?name=after&codes=429,200&retry=7", sleeper).status == 200)
        #expect(sleeper.waits == [7000])
    }

    @Test("stops between two attempts when it is cancelled")
    func cancelled() async throws {
        let lane = try Lane(name: "test", breaker: .never, now: Clock.monotonic)
        let request = OutboundRequest(.get, peer.base + "/script?name=cancelled&codes=500")
        await #expect(throws: CancellationError.self) {
            try await lane.send(request, retrying: policy, sleep: { _ in throw CancellationError() })
        }
        #expect(try await peer.keysSeen(by: "cancelled").count == 1)
    }
}
