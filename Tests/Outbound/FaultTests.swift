import Testing

@testable import Outbound

@Suite("A lane to a faulty peer") struct FaultTests {
    private let peer: Peer

    init() throws {
        peer = try Peer.shared.get()
    }

    private func lane(answerLimit: Int = 1 << 20) throws -> Lane {
        try Lane(name: "test", threads: 1, breaker: .never, answerLimit: answerLimit, now: Clock.monotonic)
    }

    @Test("accepts an answer of just the limit, and refuses one byte more", arguments: ["large", "chunked"])
    func answerLimit(kind: String) async throws {
        let lane = try lane(answerLimit: 100_000)
        let response = try await lane.send(OutboundRequest(.get, peer.base + "/\(kind)?size=100000"))
        #expect(response.body.count == 100_000)
        for size in [100_001, 10 << 20] {
            await #expect(throws: OutboundError.answerTooLarge) {
                try await lane.send(OutboundRequest(.get, peer.base + "/\(kind)?size=\(size)"))
            }
        }
        #expect(try await lane.send(OutboundRequest(.get, peer.base + "/echo")).status == 200)
    }

    @Test("refuses headers without end")
    func headerLimit() async throws {
        let lane = try lane()
        #expect(try await lane.send(OutboundRequest(.get, peer.base + "/headers?count=50")).headers.count > 50)
        await #expect(throws: OutboundError.answerTooLarge) {
            try await lane.send(OutboundRequest(.get, peer.base + "/headers?count=90"))
        }
    }

    @Test("tells a broken answer from none", arguments: ["garbage", "cut", "script?name=broken&codes=-1"])
    func interrupted(path: String) async throws {
        let error = await #expect(throws: OutboundError.self) {
            try await lane().send(OutboundRequest(.get, "\(peer.base)/\(path)"))
        }
        guard case .interrupted(let why) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!why.isEmpty)
    }

    @Test("is sent twice when the kept connection was closed unanswered: libcurl's doing, so writes need a key")
    func unseenRepeat() async throws {
        let lane = try lane()
        let request = OutboundRequest(
            .post,
            peer.base + "/script?name=unseen&codes=200,-1,201",
            headers: [("Idempotency-Key", "a")],
            body: [1]
        )
        #expect(try await lane.send(request).status == 200)
        #expect(try await lane.send(request).status == 201)
        #expect(try await peer.keysSeen(by: "unseen") == ["a", "a", "a"])
    }

    @Test("says that nobody listens")
    func unreachable() async throws {
        let error = await #expect(throws: OutboundError.self) {
            try await lane().send(OutboundRequest(.post, "http://127.0.0.1:1/", body: []))
        }
        guard case .unreachable(let why) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!why.isEmpty)
    }

    @Test("gives up on a peer that hangs, and on one that trickles", arguments: ["hang?room=silent", "trickle"])
    func timeout(path: String) async throws {
        await #expect(throws: OutboundError.timedOut(sent: true)) {
            try await lane().send(
                OutboundRequest(.get, "\(peer.base)/\(path)", timeout: .milliseconds(200))
            )
        }
    }
}
