import Storage
import Testing
import Web

@testable import Portal

@Suite("Failed sign-ins")
struct SignInFailuresTests {
    private let house: UnitStore
    private let settings: Settings

    init() throws {
        house = try UnitStore()
        settings = try house.app().settings
    }

    private func subjects(_ email: String = "ada@example.com", from address: String = "192.0.2.1") -> [SignInFailures
        .Subject]
    {
        SignInFailures.subjects(email: email, Caller(address: address, requestID: "r"), settings)
    }

    /// Begins an attempt; the seconds to wait when it is refused.
    private func begin(_ subjects: [SignInFailures.Subject], at now: Timestamp) throws -> (
        attempt: SignInFailures.Attempt?, wait: Int64
    ) {
        do {
            return (try house.store.writeBlocking { db in try SignInFailures.begin(subjects, at: now, db) }, 0)
        } catch let failure as Failure {
            #expect(failure.status == 429)
            let header = try #require(failure.headers.first { $0.name == "Retry-After" })
            return (nil, try #require(Int64(header.value)))
        }
    }

    private func fail(_ subjects: [SignInFailures.Subject], at now: Timestamp) throws {
        let attempt = try #require(try begin(subjects, at: now).attempt)
        try house.store.writeBlocking { db in try SignInFailures.fail(attempt, at: now, db) }
    }

    @Test("cost nothing at first, then seconds that double, and a quarter of an hour at most")
    func growth() {
        let delays = (0...20).map { SignInFailures.delaySeconds(after: $0, free: 5) }
        #expect(delays.prefix(5).allSatisfy { $0 == 0 })
        #expect(delays[5...14].elementsEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512]))
        #expect(delays[15...].allSatisfy { $0 == 900 })
        #expect(SignInFailures.delaySeconds(after: .max, free: 1) == 900)
        #expect(SignInFailures.delaySeconds(after: 1000, free: 0) == 0)
    }

    @Test("delay the next attempt for the same address, from wherever it comes, until the delay is over")
    func delay() throws {
        for number in 0..<5 { try fail(subjects(from: "192.0.2.\(number)"), at: UnitStore.noon) }
        #expect(try begin(subjects(from: "198.51.100.1"), at: UnitStore.noon).wait == 1)
        #expect(try begin(subjects("bob@example.com"), at: UnitStore.noon).attempt != nil)
        try fail(subjects(from: "198.51.100.1"), at: UnitStore.noon.adding(seconds: 1))
        #expect(try begin(subjects(), at: UnitStore.noon.adding(seconds: 2)).wait == 1)
        #expect(try begin(subjects(), at: UnitStore.noon.adding(seconds: 3)).attempt != nil)
    }

    @Test("let one attempt through at a time once there were many")
    func reserved() throws {
        for _ in 0..<5 { try fail(subjects(), at: UnitStore.noon) }
        let later = UnitStore.noon.adding(seconds: 10)
        #expect(try begin(subjects(), at: later).attempt != nil)
        // The first has not been answered yet.
        #expect(try begin(subjects(), at: later).wait == 2)
    }

    @Test("lock nobody out, however many there are")
    func bounded() throws {
        var now = UnitStore.noon
        for _ in 0..<60 {
            try fail(subjects(), at: now)
            now = now.adding(seconds: 900)
        }
        #expect(try begin(subjects(), at: now).attempt != nil)
    }

    @Test("are forgotten after a day of rest")
    func forgotten() throws {
        for number in 0..<30 { try fail(subjects(), at: UnitStore.noon.adding(seconds: Int64(number) * 900)) }
        let tomorrow = UnitStore.noon.adding(seconds: 30 * 900 + 86_400)
        for _ in 0..<5 { try fail(subjects(), at: tomorrow) }
        #expect(try begin(subjects(), at: tomorrow).wait == 1)
    }

    @Test("are cleared by a success for the address, but not for its network")
    func cleared() throws {
        for number in 0..<20 { try fail(subjects("person\(number % 5)@example.com"), at: UnitStore.noon) }
        let later = UnitStore.noon.adding(seconds: 60)
        let attempt = try #require(try begin(subjects("person0@example.com"), at: later).attempt)
        try house.store.writeBlocking { db in try SignInFailures.succeed(attempt, isWhole: true, db) }
        // Four free failures again, from elsewhere.
        for _ in 0..<4 { try fail(subjects("person0@example.com", from: "198.51.100.9"), at: later) }
        for _ in 0..<1 { try fail(subjects("stranger@example.com"), at: later) }
        #expect(try begin(subjects("another@example.com"), at: later).wait > 0)
        #expect(try begin(subjects("another@example.com", from: "198.51.100.9"), at: later).attempt != nil)
    }

    @Test("stay counted while the second factor is still to come")
    func half() throws {
        for _ in 0..<4 { try fail(subjects(), at: UnitStore.noon) }
        for _ in 0..<3 {
            let attempt = try #require(try begin(subjects(), at: UnitStore.noon).attempt)
            try house.store.writeBlocking { db in try SignInFailures.succeed(attempt, isWhole: false, db) }
        }
        try fail(subjects(), at: UnitStore.noon)
        #expect(try begin(subjects(), at: UnitStore.noon).wait == 1)
    }

    @Test("count by the network that one customer holds")
    func networks() throws {
        #expect(ClientNetwork.of("2001:db8::1") == ClientNetwork.of("2001:db8::ffff:1:2:3"))
        #expect(ClientNetwork.of("2001:db8::1") != ClientNetwork.of("2001:db8:0:1::1"))
        #expect(ClientNetwork.of("::ffff:192.0.2.7") == ClientNetwork.of("192.0.2.7"))
        #expect(ClientNetwork.of("192.0.2.7") != ClientNetwork.of("192.0.2.8"))
        #expect(ClientNetwork.of("not:an:address") == "not:an:address")
        for number in 0..<20 {
            try fail(subjects("person\(number)@example.com", from: "2001:db8:0:2::\(number)"), at: UnitStore.noon)
        }
        #expect(try begin(subjects("new@example.com", from: "2001:db8:0:2:ffff::"), at: UnitStore.noon).wait == 1)
        #expect(try begin(subjects("new@example.com", from: "2001:db8:0:3::1"), at: UnitStore.noon).attempt != nil)
    }

    @Test("are counted by digests: no address that was typed is in the store")
    func digests() throws {
        try fail(subjects("typed.instead.of@a.password"), at: UnitStore.noon)
        #expect(subjects("typed@example.com").allSatisfy { !$0.text.contains("typed") })
        #expect(subjects("Typed@Example.com")[0].text == subjects("typed@example.com")[0].text)
    }
}
