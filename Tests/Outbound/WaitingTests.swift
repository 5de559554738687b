import Testing

@testable import Outbound

@Suite("Waiting for a lane") struct WaitingTests {
    private let peer: Peer
    private let clock = Clock()

    init() throws {
        peer = try Peer.shared.get()
    }

    private func lane(queueLimit: Int, breaker: Breaker.Settings = .never) throws -> Lane {
        try Lane(name: "test", threads: 1, queueLimit: queueLimit, breaker: breaker, now: clock.now)
    }

    private func hang(_ room: String) -> OutboundRequest {
        OutboundRequest(.get, "\(peer.base)/hang?room=\(room)")
    }

    private var echo: OutboundRequest { OutboundRequest(.get, peer.base + "/echo") }

    @Test("refuses what exceeds the queue at once, and answers the rest in the end")
    func overloaded() async throws {
        let lane = try lane(queueLimit: 2)
        async let busy = lane.send(hang("overload"))
        try await peer.awaitHanging(1, in: "overload")
        try await withThrowingTaskGroup(of: Result<Int, any Error>.self) { group in
            for _ in 0..<5 {
                group.addTask { [echo] in
                    do { return .success(try await lane.send(echo).status) } catch { return .failure(error) }
                }
            }
            // The thread hangs, so only refusals can come back now: three of five, for two may wait.
            for _ in 0..<3 {
                let refused = try #require(await group.next())
                #expect(throws: OutboundError.overloaded) { try refused.get() }
            }
            try await peer.release("overload")
            for try await answered in group {
                #expect(try answered.get() == 200)
            }
        }
        #expect(try await busy.status == 200)
    }

    @Test("fails what waits when it is closed, and answers what is under way")
    func close() async throws {
        let lane = try lane(queueLimit: 8)
        async let busy = lane.send(hang("close"))
        try await peer.awaitHanging(1, in: "close")
        let waiting = (0..<2).map { _ in Task { [echo] in try await lane.send(echo) } }
        lane.close()
        for task in waiting {
            await #expect(throws: OutboundError.closed) { try await task.value }
        }
        await #expect(throws: OutboundError.closed) { try await lane.send(echo) }
        try await peer.release("close")
        #expect(try await busy.status == 200)
    }

    @Test("withdraws a request whose task is cancelled, waiting or not yet")
    func cancel() async throws {
        let lane = try lane(queueLimit: 1)
        async let busy = lane.send(hang("cancel"))
        try await peer.awaitHanging(1, in: "cancel")
        for _ in 0..<50 {
            let task = Task { [echo] in try await lane.send(echo) }
            task.cancel()
            await #expect(throws: OutboundError.closed) { try await task.value }
        }
        // The one place in the queue is free again.
        async let last = lane.send(echo)
        try await peer.release("cancel")
        #expect(try await last.status == 200)
        #expect(try await busy.status == 200)
    }

    @Test("does not send what has waited longer than its time-out")
    func expired() async throws {
        let lane = try lane(queueLimit: 1)
        let script = "\(peer.base)/script?name=expired&codes=200"
        async let busy = lane.send(hang("expired"))
        try await peer.awaitHanging(1, in: "expired")
        try await withThrowingTaskGroup(of: OutboundError?.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    do { _ = try await lane.send(OutboundRequest(.get, script, timeout: .seconds(2))) } catch {
                        return error as? OutboundError
                    }
                    return nil
                }
            }
            // One of the two is refused, so the other one waits.
            #expect(try await group.next() == .overloaded)
            clock.advance(milliseconds: 2000)
            try await peer.release("expired")
            #expect(try await group.next() == .timedOut(sent: false))
        }
        #expect(try await busy.status == 200)
        #expect(try await peer.keysSeen(by: "expired") == [])
    }

    @Test("opens the breaker after failures in a row, and closes it when one request passes")
    func breaker() async throws {
        let lane = try lane(queueLimit: 8, breaker: Breaker.Settings(failures: 2, opensFor: 5000))
        let failing = OutboundRequest(.get, peer.base + "/script?name=breaker&codes=500,404,500,0,200")
        for status in [500, 404, 500] {
            #expect(try await lane.send(failing).status == status)
        }
        await #expect(throws: OutboundError.self) { try await lane.send(failing) }
        await #expect(throws: OutboundError.circuitOpen(retryAfter: 5)) { try await lane.send(failing) }
        clock.advance(milliseconds: 4001)
        await #expect(throws: OutboundError.circuitOpen(retryAfter: 1)) { try await lane.send(failing) }
        clock.advance(milliseconds: 999)
        #expect(try await lane.send(failing).status == 200)
        #expect(try await lane.send(failing).status == 200)
        #expect(try await peer.keysSeen(by: "breaker").count == 6)
    }

    @Test("refuses what waits behind the failure that opens the breaker")
    func breakerBehind() async throws {
        let lane = try lane(queueLimit: 8, breaker: Breaker.Settings(failures: 1))
        async let failing = lane.send(OutboundRequest(.get, peer.base + "/hang?room=behind&code=500"))
        try await peer.awaitHanging(1, in: "behind")
        let behind = (0..<3).map { _ in Task { [echo] in try await lane.send(echo) } }
        try await peer.release("behind")
        #expect(try await failing.status == 500)
        for task in behind {
            await #expect(throws: OutboundError.circuitOpen(retryAfter: 5)) { try await task.value }
        }
    }
}
