import Crypto
import Outbound
import Synchronization
import Testing
import Web

@testable import Portal

@Suite("GitHub's keys")
struct GitHubKeysTests {
    static let minute = GitHubKeys.microsecondsBetweenFetches
    static let day = GitHubKeys.microsecondsKept

    /// An example of GitHub's own (docs.github.com: Secret scanning partner program, "Validation sample").
    static let identifier = "90a421169f0a406205f1563a953312f0be898d3c7b6c06b681aa86a874555f4a"
    static let key = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9MJJHnMfn2+H4xL4YaPDA4RpJqUq
        kCmRCBnYERxZanmcpzQSXs1X/AljlKkbJ8qpVIW4clayyef9gWhFbNHWAA==
        -----END PUBLIC KEY-----
        """
    static let body = #"[{"token":"some_token","type":"some_type","url":"some_url"}]"#
    static let signature =
        "MEUCIQDKZokqnCjrRtw0tni+2Ltvl/uiMJ1EGumEsp1BsNr32AIgQY1YXD2nlj+XNfGK4rBfkMJ1JDOQcYXxa2sY8FNkrKc="

    /// What GitHub publishes, and how often it was asked.
    final class Publisher: Sendable {
        let state = Mutex((fetches: 0, isDown: false))

        var fetches: Int { state.withLock { $0.fetches } }

        func fetch() throws -> OutboundResponse {
            let isDown = state.withLock { state in
                state.fetches += 1
                return state.isDown
            }
            if isDown { throw OutboundError.timedOut(sent: true) }
            let key = JSONValue.object([
                .init("key_identifier", .string(GitHubKeysTests.identifier)),
                .init("key", .string(GitHubKeysTests.key)), .init("is_current", .bool(true)),
            ])
            let document = JSONValue.object([.init("public_keys", .array([key]))])
            return OutboundResponse(status: 200, headers: [], body: try JSONEncoding.bytes(of: document))
        }
    }

    /// The status of the refusal; nil when the signature is good.
    private func refusal(
        _ keys: GitHubKeys,
        by identifier: String = "unknown",
        body: String = Self.body,
        signature: String = Self.signature,
        at uptime: Int64
    ) async -> Int? {
        do {
            try await keys.verify(signature: signature, by: identifier, of: Array(body.utf8), at: uptime)
            return nil
        } catch {
            return (error as? Failure)?.status
        }
    }

    @Test("vouch for what GitHub signed, and for nothing else")
    func verification() async {
        let keys = GitHubKeys { try Publisher().fetch() }
        #expect(await refusal(keys, by: Self.identifier, at: 0) == nil)
        #expect(await refusal(keys, by: Self.identifier, body: Self.body + " ", at: 0) == 400)
        #expect(await refusal(keys, by: Self.identifier, signature: "MEUCIA==", at: 0) == 400)
        #expect(await refusal(keys, by: Self.identifier, signature: "", at: 0) == 400)
        #expect(await refusal(keys, by: "", at: 0) == 400)
    }

    @Test("are fetched anew once a day, and those of yesterday hold while GitHub is down")
    func daily() async {
        let publisher = Publisher()
        let keys = GitHubKeys { try publisher.fetch() }
        for (uptime, fetches) in [(0, 1), (Self.day - 1, 1), (Self.day, 2)] {
            #expect(await refusal(keys, by: Self.identifier, at: uptime) == nil)
            #expect(publisher.fetches == fetches)
        }
        publisher.state.withLock { $0.isDown = true }
        for uptime in [2 * Self.day, 2 * Self.day + 1] {
            #expect(await refusal(keys, by: Self.identifier, at: uptime) == nil)
            #expect(publisher.fetches == 3)
        }
    }

    @Test("are asked for again a minute later when one is unknown, not before")
    func unknown() async {
        let publisher = Publisher()
        let keys = GitHubKeys { try publisher.fetch() }
        for uptime in [0, 1, Self.minute - 1] {
            #expect(await refusal(keys, at: uptime) == 400)
            #expect(publisher.fetches == 1)
        }
        #expect(await refusal(keys, at: Self.minute) == 400)
        #expect(publisher.fetches == 2)
    }

    @Test("that cannot be had are told as such, and tried for a minute later")
    func outage() async {
        let publisher = Publisher()
        publisher.state.withLock { $0.isDown = true }
        let keys = GitHubKeys { try publisher.fetch() }
        #expect(await refusal(keys, at: 0) == 503)
        #expect(await refusal(keys, at: 1) == 503)
        #expect(publisher.fetches == 1)
        publisher.state.withLock { $0.isDown = false }
        #expect(await refusal(keys, at: Self.minute) == 400)
    }

    @Test("are fetched once for all who wait for them")
    func together() async {
        let publisher = Publisher()
        let keys = GitHubKeys { try publisher.fetch() }
        await withTaskGroup { group in
            for _ in 0..<20 { group.addTask { _ = await refusal(keys, at: 0) } }
        }
        #expect(publisher.fetches == 1)
    }
}
