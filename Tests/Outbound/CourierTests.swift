import Glibc
import Synchronization
import Testing

@testable import Outbound

@Suite("A courier") struct CourierTests {
    private let peer: Peer
    private let port: Substring

    init() throws {
        peer = try Peer.shared.get()
        port = try #require(peer.base.split(separator: ":").last)
    }

    private func courier(
        names lookUp: @escaping @Sendable (String) throws -> [IPAddress] = NameLookUp.system,
        allowing ranges: [String] = ["127.0.0.0/8"],
        now: @escaping @Sendable () -> Int64 = Clock.monotonic,
        set change: (inout Courier.Settings) -> Void = { _ in }
    ) throws -> Courier {
        var settings = Courier.Settings()
        change(&settings)
        let policy = AddressPolicy(allowing: try ranges.map { try #require(AddressRange($0)) })
        return try Courier(name: "courier", policy: policy, settings: settings, lookUp: lookUp, now: now)
    }

    private static func addresses(_ texts: String...) -> [IPAddress] { texts.compactMap { IPAddress($0) } }

    private func get(_ path: String, host: String = "127.0.0.1", timeout: Duration = .seconds(20)) -> OutboundRequest {
        OutboundRequest(.post, "http://\(host):\(port)/\(path)", body: [65], timeout: timeout)
    }

    @Test("connects to the address it checked, and speaks to the name")
    func pinned() async throws {
        let courier = try courier(names: { name in
            #expect(name == "hooks.example")
            return Self.addresses("127.0.0.1")
        })
        let echo = try Echo(await courier.send(get("echo", host: "hooks.example"), to: "a"))
        #expect(echo.header("host") == "hooks.example:\(port)")
        #expect(echo.body == "A")
        let again = try Echo(await courier.send(get("echo", host: "hooks.example"), to: "a"))
        #expect(again.port == echo.port)
    }

    @Test("goes nowhere with one address of many that it may not reach", arguments: ["10.0.0.1", "8.8.8.8", "::1"])
    func mixed(other: String) async throws {
        let courier = try courier(names: { _ in Self.addresses("127.0.0.1", other) })
        await #expect(throws: OutboundError.forbiddenAddress) {
            try await courier.send(get("echo", host: "hooks.example"), to: "a")
        }
    }

    @Test("follows no name that leads elsewhere a moment later")
    func rebinding() async throws {
        let clock = Clock()
        let turn = Atomic(0)
        let courier = try courier(
            names: { _ in
                let isFirst = turn.add(1, ordering: .relaxed).newValue == 1
                return isFirst ? Self.addresses("127.0.0.1") : Self.addresses("169.254.169.254")
            },
            now: clock.now
        )
        // What was checked counts until it is asked for again: nothing looks the name up in between.
        for _ in 0..<3 {
            #expect(try await courier.send(get("echo", host: "rebind.example"), to: "a").status == 200)
        }
        #expect(turn.load(ordering: .relaxed) == 1)
        clock.advance(milliseconds: 61_000)
        await #expect(throws: OutboundError.forbiddenAddress) {
            try await courier.send(get("echo", host: "rebind.example"), to: "a")
        }
    }

    @Test("gives libcurl no socket to an address that was not checked")
    func secondLock() async throws {
        // A pin for another name stands for a libcurl that heads for where it was not told to.
        let policy = AddressPolicy(allowing: [try #require(AddressRange("127.0.0.0/8"))])
        let pin = Pin(try Destination("http://other.example/", policy), to: Self.addresses("127.0.0.2"))
        let transfer = try Transfer(answerLimit: 100, caFile: nil)
        try transfer.prepare(get("echo"), milliseconds: 5000, pinned: pin)
        #expect(throws: OutboundError.self) { try transfer.perform() }
        try transfer.prepare(get("status?code=204"), milliseconds: 5000, pinned: nil)
        #expect(try transfer.perform().status == 204)
    }

    @Test("knows the server by its name also over TLS")
    func tls() async throws {
        let certificate = try TLSTests.Certificate()
        let peer = try Peer(scheme: "https", certificate: [certificate.file, certificate.key])
        let port = try #require(peer.base.split(separator: ":").last)
        let courier = try courier(names: { _ in Self.addresses("127.0.0.1") }, set: { $0.caFile = certificate.file })
        let request = OutboundRequest(.post, "https://localhost:\(port)/echo", body: [])
        #expect(try await courier.send(request, to: "a").status == 200)
        let other = OutboundRequest(.post, "https://other.example:\(port)/echo", body: [])
        await #expect(throws: OutboundError.self) { try await courier.send(other, to: "b") }
    }

    @Test("reaches the others while many hang, on one thread")
    func hanging() async throws {
        let courier = try courier(set: { $0.transfers = 64 })
        await withThrowingTaskGroup(of: Int.self) { group in
            for receiver in 0..<5 {
                for _ in 0..<20 {
                    group.addTask { try await courier.send(get("hang?room=many"), to: "hangs-\(receiver)").status }
                }
            }
            do {
                try await peer.awaitHanging(20, in: "many")
                let before = Clock.monotonic()
                for number in 0..<200 {
                    #expect(try await courier.send(get("echo"), to: "fine-\(number % 45)").status == 200)
                }
                // Behind those that hang they would wait for a time-out.
                #expect(Clock.monotonic() - before < 14_000)
                let found = ThreadStatus.all().filter { $0.name == "courier" }
                #expect(found.count <= 10, "as many threads as couriers in these tests, at most")
                try await peer.release("many")
                for try await status in group { #expect(status == 200) }
            } catch {
                Issue.record(error)
            }
        }
    }

    @Test("opens the breaker of the one receiver that fails")
    func breaker() async throws {
        let clock = Clock()
        let courier = try courier(now: clock.now, set: { $0.breaker = Breaker.Settings(failures: 2, opensFor: 5000) })
        for _ in 0..<2 { #expect(try await courier.send(get("status?code=500"), to: "bad").status == 500) }
        await #expect(throws: OutboundError.circuitOpen(retryAfter: 5)) {
            try await courier.send(get("echo"), to: "bad")
        }
        #expect(try await courier.send(get("echo"), to: "good").status == 200)
        clock.advance(milliseconds: 5000)
        #expect(try await courier.send(get("echo"), to: "bad").status == 200)
    }

    @Test("keeps the beginning of an answer that is too long", arguments: ["large", "chunked"])
    func long(kind: String) async throws {
        let courier = try courier(set: { $0.answerLimit = 1000 })
        let response = try await courier.send(get("\(kind)?size=50000000"), to: "a")
        #expect(response.status == 200)
        #expect(response.body == [UInt8](repeating: UInt8(ascii: "x"), count: 1000))
        await #expect(throws: OutboundError.answerTooLarge) { try await courier.send(get("headers?count=90"), to: "a") }
    }

    @Test("waits no longer than it was told, for an answer without end, and follows no redirect")
    func ends() async throws {
        let courier = try courier()
        await #expect(throws: OutboundError.timedOut(sent: true)) {
            try await courier.send(get("trickle", timeout: .milliseconds(300)), to: "a")
        }
        let moved = try await courier.send(get("status?code=307&retry=9"), to: "a")
        #expect(moved.status == 307)
        #expect(moved.retryAfter == 9)
    }

    @Test("looks a name up once for all who wait, and reaches the others while the name servers are silent")
    func silentNames() async throws {
        let asked = Mutex<[String]>([])
        let gate = Gate()
        let courier = try courier(
            names: { name in
                asked.withLock { $0.append(name) }
                if name.hasPrefix("silent") { gate.wait() }
                return Self.addresses("127.0.0.1")
            },
            set: { $0.lookUps = 4 }
        )
        #expect(try await courier.send(get("echo", host: "known.example"), to: "a").status == 200)
        await withTaskGroup(of: OutboundError?.self) { group in
            for number in 0..<12 {
                let request = get("echo", host: "silent-\(number % 6).example", timeout: .milliseconds(600))
                group.addTask {
                    do {
                        _ = try await courier.send(request, to: "\(number)")
                        return nil
                    } catch {
                        return error as? OutboundError
                    }
                }
            }
            for await error in group { #expect(error == .timedOut(sent: false)) }
        }
        // Six names were wanted, and the two threads that names without merits may have hold two of them.
        #expect(asked.withLock { $0.count { $0.hasPrefix("silent") } } == 2)
        #expect(try await courier.send(get("echo", host: "known.example"), to: "a").status == 200)
        gate.open()
        #expect(try await courier.send(get("echo", host: "silent-5.example"), to: "a").status == 200)
        #expect(asked.withLock { Set($0).count == $0.count })
    }

    @Test("says that a name is unknown")
    func unknown() async throws {
        let courier = try courier(names: { _ in throw OutboundError.unreachable("Name or service not known") })
        await #expect(throws: OutboundError.unreachable("Name or service not known")) {
            try await courier.send(get("echo", host: "nowhere.example"), to: "a")
        }
    }

    @Test("refuses what is beyond its bound, and takes nothing once closed")
    func bounds() async throws {
        let courier = try courier(set: { ($0.transfersPerReceiver, $0.queueLimit) = (1, 2) })
        try await withThrowingTaskGroup(of: OutboundError?.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    do {
                        _ = try await courier.send(get("hang?room=bounds"), to: "a")
                        return nil
                    } catch {
                        return error as? OutboundError
                    }
                }
            }
            #expect(try await group.next() == .overloaded)
            try await peer.awaitHanging(1, in: "bounds")
            courier.close()
            #expect(try await group.next() == .closed)
            await #expect(throws: OutboundError.closed) { try await courier.send(get("echo"), to: "b") }
            try await peer.release("bounds")
            #expect(try await group.next() == .some(nil))
        }
    }

    @Test("breaks off a request under way whose task was cancelled")
    func brokenOff() async throws {
        let gate = Gate()
        let courier = try courier(
            names: { name in
                if name == "silent.example" { gate.wait() }
                return Self.addresses("127.0.0.1")
            }
        )
        let hanging = Task { try await courier.send(get("hang?room=broken-off"), to: "a") }
        try await peer.awaitHanging(1, in: "broken-off")
        let unaddressed = Task { try await courier.send(get("echo", host: "silent.example"), to: "a") }
        for task in [hanging, unaddressed] {
            task.cancel()
            await #expect(throws: OutboundError.closed) { try await task.value }
        }
        #expect(try await courier.send(get("echo"), to: "a").status == 200)
        gate.open()
        try await peer.release("broken-off")
    }

    @Test("withdraws a request whose task was cancelled while it waited")
    func withdrawn() async throws {
        let courier = try courier(set: { $0.transfersPerReceiver = 1 })
        async let first = courier.send(get("hang?room=withdrawn"), to: "a")
        try await peer.awaitHanging(1, in: "withdrawn")
        let second = Task { try await courier.send(get("echo"), to: "a") }
        second.cancel()
        await #expect(throws: OutboundError.closed) { try await second.value }
        try await peer.release("withdrawn")
        #expect(try await first.status == 200)
    }
}

/// Holds threads until it is opened.
private final class Gate: Sendable {
    private let isOpen = Atomic(false)

    func wait() {
        while !isOpen.load(ordering: .acquiring) { usleep(2000) }
    }

    func open() { isOpen.store(true, ordering: .releasing) }
}
