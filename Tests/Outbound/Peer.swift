import FoundationEssentials
import Glibc
import Synchronization
import Testing

@testable import Outbound

/// The server of peer.py, and a lane to it that the test itself uses to see and steer it.
final class Peer: Sendable {
    /// One for all tests: what they share is kept apart by the names they give.
    static let shared = Result {
        // Every lane that heeded these would get no answer at all.
        for name in ["http_proxy", "https_proxy", "all_proxy"] { setenv(name, "http://127.0.0.1:1", 1) }
        return try Peer()
    }

    let base: String
    private let program: Program
    private let steering: Lane

    init(scheme: String = "http", certificate: [String] = []) throws {
        let script = String(#filePath.dropLast("Peer.swift".count)) + "peer.py"
        program = try Program(["python3", script] + certificate)
        let host = scheme == "https" ? "localhost" : "127.0.0.1"
        base = "\(scheme)://\(host):\(try program.line())"
        steering = try Lane(name: "steering", threads: 8, breaker: .never, now: Clock.monotonic)
    }

    /// Returns once so many requests hang in the room.
    func awaitHanging(_ count: Int, in room: String) async throws {
        let response = try await steering.send(OutboundRequest(.get, "\(base)/hanging?room=\(room)&count=\(count)"))
        try #require(response.status == 200)
    }

    func release(_ room: String) async throws {
        _ = try await steering.send(OutboundRequest(.post, "\(base)/release?room=\(room)"))
    }

    /// The idempotency keys that a script of answers has seen.
    func keysSeen(by script: String) async throws -> [String?] {
        let response = try await steering.send(OutboundRequest(.get, "\(base)/seen?name=\(script)"))
        return try JSONDecoder().decode([String?].self, from: Data(response.body))
    }
}

/// What `/echo` says it received.
struct Echo: Decodable {
    let method: String
    let path: String
    let headers: [[String]]
    let body: String
    /// The client's port: the same for the same connection.
    let port: Int

    init(_ response: OutboundResponse) throws {
        self = try JSONDecoder().decode(Echo.self, from: Data(response.body))
    }

    func header(_ name: String) -> String? {
        headers.first { $0.first == name }?.last
    }
}

/// A clock that a test sets.
final class Clock: Sendable {
    private let time = Atomic<Int64>(1_000_000)

    var now: @Sendable () -> Int64 {
        { self.time.load(ordering: .sequentiallyConsistent) }
    }

    func advance(milliseconds: Int64) {
        time.add(milliseconds, ordering: .sequentiallyConsistent)
    }

    static let monotonic: @Sendable () -> Int64 = {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
