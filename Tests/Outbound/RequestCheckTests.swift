import Testing

@testable import Outbound

@Suite("What is refused before it is sent") struct RequestCheckTests {
    /// Closed, so that whatever is not refused shows itself.
    private func send(_ request: OutboundRequest) async throws {
        let lane = try Lane(name: "test", breaker: .never, now: Clock.monotonic)
        lane.close()
        _ = try await lane.send(request)
    }

    private func isInvalid(_ request: OutboundRequest) async -> Bool {
        do {
            try await send(request)
        } catch OutboundError.invalidRequest(let why) {
            return !why.isEmpty
        } catch {}
        return false
    }

    @Test("lets a decent request pass")
    func decent() async {
        let headers = [
            ("Idempotency-Key", "k"), ("X_odd!name", "tab\tand \u{e9}"), ("Content-Type", "application/json"),
        ]
        for url in ["http://a.example", "HTTPS://a.example:8443/b?c=%0d%0a#d", "http://[::1]:80/"] {
            await #expect(throws: OutboundError.closed) {
                try await send(OutboundRequest(.post, url, headers: headers, timeout: .seconds(600)))
            }
        }
    }

    @Test(
        "refuses a URL that is not plain http or https",
        arguments: [
            "", "a.example", "/path", "//a.example/", "ftp://a.example/", "file:///etc/passwd", "gopher://a.example/_x",
            "smtp://a.example", "http://", "http://user:word@a.example/", "http://user@a.example/",
            "http://a.example/\r\nX-Injected: yes", "http://a.example/\n", "http://a.example/\0",
            "http://a.example/a b",
            "http://a.example/\u{e9}", "http://\u{e9}.example/", "http://a.example:99999/", " http://a.example/",
        ]
    )
    func url(_ url: String) async {
        #expect(await isInvalid(OutboundRequest(.get, url)))
    }

    @Test(
        "refuses a header that could end the header",
        arguments: [
            ("X-A", "b\r\nX-Injected: yes"), ("X-A", "b\n"), ("X-A", "b\r"), ("X-A", "b\0c"), ("X-A", "\u{7f}"),
            ("X-A\r\nX-Injected", "yes"), ("X-A:", "b"), ("X A", "b"), ("", "b"), ("X-A\0", "b"), ("X-\u{e9}", "b"),
            ("X-A;", ""),
        ]
    )
    func header(name: String, value: String) async {
        #expect(await isInvalid(OutboundRequest(.get, "http://a.example/", headers: [(name, value)])))
    }

    @Test(
        "refuses headers that frame the message",
        arguments: ["Content-Length", "transfer-encoding", "Host", "Connection", "Expect", "UPGRADE"]
    )
    func framing(name: String) async {
        #expect(await isInvalid(OutboundRequest(.post, "http://a.example/", headers: [(name, "1")], body: [1])))
    }

    @Test("refuses time-outs of nothing, less, or for ever")
    func timeouts() async {
        let durations: [Duration] = [.zero, .seconds(-1), .seconds(601), .seconds(Int64.max)]
        for duration in durations {
            #expect(await isInvalid(OutboundRequest(.get, "http://a.example/", timeout: duration)))
        }
        #expect(await isInvalid(OutboundRequest(.get, "http://a.example/", connectTimeout: .zero)))
        #expect(OutboundRequest(.get, "", timeout: .nanoseconds(1)).timeoutMilliseconds == 1)
        #expect(OutboundRequest(.get, "", connectTimeout: .seconds(Int64.max)).connectMilliseconds == 30_000)
    }
}
