import Testing

@testable import Outbound

@Suite("Lane") struct LaneTests {
    private let peer: Peer

    init() throws {
        peer = try Peer.shared.get()
    }

    private func lane(threads: Int = 1, answerLimit: Int = 1 << 20) throws -> Lane {
        try Lane(name: "test", threads: threads, breaker: .never, answerLimit: answerLimit, now: Clock.monotonic)
    }

    @Test("sends method, path, headers and body as given, and nothing of its own making")
    func echo() async throws {
        let body = [UInt8](#"{"amount":500}"#.utf8)
        let response = try await lane().send(
            OutboundRequest(
                .post,
                peer.base + "/echo?a=b%20c",
                headers: [("Authorization", "Bearer x"), ("X-None", ""), ("X-Same", "1"), ("X-Same", "2")],
                body: body
            )
        )
        let echo = try Echo(response)
        #expect(response.status == 200)
        #expect(echo.method == "POST")
        #expect(echo.path == "/echo?a=b%20c")
        #expect(echo.body == #"{"amount":500}"#)
        #expect(echo.header("authorization") == "Bearer x")
        #expect(echo.header("x-none") == "")
        #expect(echo.header("content-length") == "14")
        #expect(echo.headers.filter { $0.first == "x-same" }.map(\.last) == ["1", "2"])
        #expect(
            Set(echo.headers.compactMap(\.first)).isDisjoint(with: ["content-type", "expect", "cookie", "referer"])
        )
    }

    @Test("finds headers of the answer whatever their case, the first of several")
    func headers() async throws {
        let response = try await lane().send(OutboundRequest(.get, peer.base + "/echo"))
        #expect(response.header("x-tWICE") == "one")
        #expect(response.headers.filter { $0.name == "X-Twice" }.map(\.value) == ["one", "two"])
        #expect(response.header("X-Empty") == "")
        #expect(response.header("x-none") == nil)
    }

    @Test("speaks every method, with and without a body", arguments: [[], [UInt8]("ab".utf8)])
    func methods(body: [UInt8]) async throws {
        let lane = try lane()
        for method in [OutboundRequest.Method.get, .post, .put, .patch, .delete] {
            let echo = try Echo(await lane.send(OutboundRequest(method, peer.base + "/echo", body: body)))
            #expect(echo.method == method.rawValue)
            #expect(echo.body.utf8.count == body.count)
            #expect(echo.header("content-length") == "\(body.count)")
            let without = try Echo(await lane.send(OutboundRequest(method, peer.base + "/echo")))
            #expect(without.method == method.rawValue)
            #expect(without.header("content-length") == ([.get, .delete].contains(method) ? nil : "0"))
        }
        let head = try await lane.send(OutboundRequest(.head, peer.base + "/echo"))
        #expect(head.status == 200)
        #expect(head.body.isEmpty)
    }

    @Test("sends two megabytes byte for byte, without asking first")
    func largeRequest() async throws {
        let body = [UInt8](repeating: UInt8(ascii: "z"), count: 2 << 20)
        let lane = try lane(answerLimit: 4 << 20)
        let echo = try Echo(await lane.send(OutboundRequest(.put, peer.base + "/echo", body: body)))
        #expect(echo.body.utf8.elementsEqual(body))
        #expect(echo.header("expect") == nil)
    }

    @Test("keeps its connection from one request to the next, and no cookie")
    func reuse() async throws {
        let lane = try lane()
        let first = try Echo(await lane.send(OutboundRequest(.get, peer.base + "/echo")))
        let cookie = try await lane.send(OutboundRequest(.get, peer.base + "/status?code=404"))
        #expect(cookie.header("set-cookie") != nil)
        let second = try Echo(await lane.send(OutboundRequest(.post, peer.base + "/echo", body: [1])))
        #expect(first.port == second.port)
        #expect(second.header("cookie") == nil)
    }

    @Test("carries nothing over from one request to the next")
    func fresh() async throws {
        let lane = try lane()
        let secret = [("Authorization", "Bearer secret"), ("Content-Type", "text/plain")]
        _ = try await lane.send(OutboundRequest(.post, peer.base + "/echo", headers: secret, body: [65]))
        _ = try await lane.send(OutboundRequest(.head, peer.base + "/echo"))
        let echo = try Echo(await lane.send(OutboundRequest(.get, peer.base + "/echo")))
        #expect(echo.method == "GET")
        #expect(echo.body == "")
        #expect(echo.header("authorization") == nil)
        #expect(echo.header("content-type") == nil)
    }

    @Test("takes every status for an answer, and follows no redirect", arguments: [204, 301, 302, 307, 404, 429, 500])
    func statuses(status: Int) async throws {
        let response = try await lane().send(OutboundRequest(.get, peer.base + "/status?code=\(status)&retry=7"))
        #expect(response.status == status)
        #expect(response.header("location") == "/echo")
        #expect(response.retryAfter == 7)
    }

    @Test("gives the headers of the final answer only: not those of a 1xx, no trailers")
    func finalHeaders() async throws {
        let early = try await lane().send(OutboundRequest(.get, peer.base + "/early"))
        #expect(early.status == 200)
        #expect(early.header("x-early") == nil)
        let chunked = try await lane().send(OutboundRequest(.get, peer.base + "/chunked?size=100000"))
        #expect(chunked.body.count == 100_000)
        #expect(chunked.header("x-late") == nil)
    }

    @Test("names its threads, and blocks every signal in them")
    func threads() async throws {
        let lane = try Lane(name: "stripe", threads: 2, breaker: .never, now: Clock.monotonic)
        // An answer from either thread says that this one has begun; both at once say it of both.
        async let first = lane.send(OutboundRequest(.get, peer.base + "/hang?room=threads"))
        async let second = lane.send(OutboundRequest(.get, peer.base + "/hang?room=threads"))
        try await peer.awaitHanging(2, in: "threads")
        let found = ThreadStatus.all().filter { $0.name.hasPrefix("stripe-") }
        try await peer.release("threads")
        _ = try await (first, second)
        #expect(found.map(\.name).sorted() == ["stripe-1", "stripe-2"])
        // All 64 but KILL, STOP and the two that glibc keeps for itself (32 and 33).
        #expect(found.allSatisfy { $0.blocked == 0xffff_fffe_7ffb_feff }, "\(found)")
    }
}
