import Storage
import Testing
import Web

@testable import Portal

@Suite("A subscription")
struct SubscriptionTests {
    private typealias Desk = SubscriptionDesk

    private static func day(_ text: String) throws -> Timestamp { try require(Timestamp("\(text)T10:00:00Z")) }

    @Test("is billed in advance at its start and at each month's end, and its plan's limits hold meanwhile")
    func year() async throws {
        let desk = try Desk()
        let version = try desk.plan("team", [Desk.fee(4900)])
        try desk.subscribe(version)
        #expect(try desk.planCode == "team")
        try await desk.advance(to: try Self.day("2026-05-30"))
        #expect(
            try desk.issued == [
                "2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z", "2026-03-31T10:00:00Z", "2026-04-30T10:00:00Z",
            ]
        )
        #expect(try desk.invoices.allSatisfy { $0.map(\.amount) == [4900] })
        #expect(try desk.changes == [.started, .renewed, .renewed, .renewed])
        #expect(try desk.findings == [])
    }

    @Test("bills what was used in arrears, beside the next fee, and each use once")
    func arrears() async throws {
        let desk = try Desk()
        try desk.use(50)
        let version = try desk.plan("team", [Desk.fee(4900), Desk.credits(included: 500, micros: 20_000)])
        try desk.subscribe(version)
        try desk.use(500)
        try desk.use(85)
        try await desk.advance(to: try Self.day("2026-03-01"))
        try desk.use(40)
        try await desk.advance(to: try Self.day("2026-04-01"))
        let amounts = try desk.invoices.map { $0.map { "\($0.quantity):\($0.amount)" } }
        #expect(amounts == [["1:4900"], ["500:0", "85:170", "1:4900"], ["40:0", "1:4900"]])
        #expect(try desk.findings == [])
    }

    @Test("asks for nothing in a trial, which an account has once, and begins its first period when that ends")
    func trial() async throws {
        let desk = try Desk()
        let version = try desk.plan("team", trialDays: 14, [Desk.fee(4900), Desk.credits(included: 0, micros: 10_000)])
        try desk.subscribe(version)
        #expect(try desk.live?.status == .trialing)
        try desk.use(1000)
        try await desk.advance(to: try Self.day("2026-02-15"))
        #expect(try desk.live?.status == .active)
        #expect(try desk.invoices.map { $0.map(\.amount) } == [[4900]])
        #expect(try desk.live?.period.upperBound == (try Self.day("2026-03-14")))
        try desk.unit.store.writeBlocking { [account = desk.account] db in
            try Subscriptions.cancelNow(account, at: Desk.begin, db)
        }
        try desk.subscribe(version)
        #expect(try desk.live?.status == .active)
        #expect(try desk.findings == [])
    }

    @Test("goes to the free plan when its period ends, once that was asked for")
    func cancelAtEnd() async throws {
        let desk = try Desk()
        try desk.subscribe(try desk.plan("team", [Desk.fee(4900), Desk.credits(included: 0, micros: 10_000)]))
        try desk.use(10)
        try desk.unit.store.writeBlocking { [account = desk.account] db in
            try Subscriptions.setCancelling(Desk.begin, try Subscriptions.require(of: account, db).id, db)
        }
        try await desk.advance(to: try Self.day("2026-03-15"))
        #expect(try desk.live == nil)
        #expect(try desk.planCode == Plans.free)
        #expect(try desk.invoices.map { $0.map(\.amount) } == [[4900], [10]])
        #expect(try desk.changes == [.started, .canceled])
        #expect(try desk.findings == [])
    }

    @Test("ended at once gives the rest of the fee back only where that is asked for, as credit")
    func cancelNow() async throws {
        for isProrated in [false, true] {
            let desk = try Desk(at: try Self.day("2026-04-01"))
            try desk.subscribe(try desk.plan("team", [Desk.fee(3000)]))
            try await desk.advance(to: try Self.day("2026-04-21"))
            let before = try desk.unit.store.read { db in try Ledger.credit(of: desk.account, db) }
            try desk.unit.store.writeBlocking { [account = desk.account, now = try desk.now] db in
                let live = try Subscriptions.require(of: account, db)
                try Subscriptions.end(live, isProrated: isProrated, by: nil, at: now, db)
            }
            let credit = try desk.unit.store.read { db in try Ledger.credit(of: desk.account, db) }
            #expect(credit - before == Cents(isProrated ? 1000 : 0))
            #expect(try desk.findings == [])
        }
    }

    @Test("changes up at once and in proportion, and down when its period ends")
    func upAndDown() async throws {
        let desk = try Desk(at: try Self.day("2026-04-01"))
        let small = try desk.plan("small", [Desk.fee(3000)])
        let large = try desk.plan("large", [Desk.fee(9000)])
        try desk.subscribe(small)
        try await desk.advance(to: try Self.day("2026-04-11"))
        let up = SubscriptionSwitch(live: try require(try desk.live), version: large)
        #expect(try up.usualMoment == .now)
        try desk.change(to: large)
        #expect(try desk.planCode == "large")
        #expect(try desk.invoices.last?.map(\.amount) == [-2000, 6000])
        let down = SubscriptionSwitch(live: try require(try desk.live), version: small)
        #expect(try down.usualMoment == .periodEnd)
        try desk.unit.store.writeBlocking { db in try Subscriptions.setNext(small, down.live.id, db) }
        try await desk.advance(to: try Self.day("2026-05-02"))
        #expect(try desk.planCode == "small")
        #expect(try desk.invoices.last?.map(\.amount) == [3000])
        #expect(try desk.changes == [.started, .upgraded, .downgraded, .renewed])
        #expect(try desk.findings == [])
    }

    @Test("of another interval begins a period of its own")
    func otherInterval() async throws {
        let desk = try Desk(at: try Self.day("2026-04-01"))
        let monthly = try desk.plan("team", [Desk.fee(3000)])
        let yearly = try desk.plan("team", [Desk.fee(30_000)], every: .year)
        try desk.subscribe(monthly)
        try await desk.advance(to: try Self.day("2026-04-16"))
        try desk.change(to: yearly)
        #expect(try desk.invoices.last?.map(\.amount) == [-1500, 30_000])
        #expect(try desk.live?.period.upperBound == (try Self.day("2027-04-16")))
        #expect(try desk.findings == [])
    }

    @Test("pays new prices from the period on that begins under them")
    func newPrices() async throws {
        let desk = try Desk(at: try Self.day("2026-04-01"))
        let old = try desk.plan("team", [Desk.fee(3000)])
        try desk.subscribe(old)
        let from = try Self.day("2026-04-20")
        try desk.unit.store.writeBlocking { db in
            let dearer = try PlanPrices(currency: .usd, items: [Desk.fee(3500)])
            _ = try PlanVersions.insert(dearer, every: .month, of: old.planID, from: from, at: from, db)
        }
        try await desk.advance(to: try Self.day("2026-05-02"))
        #expect(try desk.invoices.map { $0.map(\.amount) } == [[3000], [3500]])
    }

    @Test("refuses a second one, and prices in another currency")
    func refusals() throws {
        let desk = try Desk()
        let version = try desk.plan("team", [Desk.fee(4900)])
        try desk.subscribe(version)
        #expect(throws: Failure.self) { try desk.subscribe(version) }
        let other = try Desk()
        let yen = try other.unit.store.writeBlocking { db in
            let id = try Plans.put("yen", Plans.Terms(name: "Yen"), db)
            let prices = try PlanPrices(currency: try require(Currency("jpy")), items: [])
            let always = Timestamp(milliseconds: 0)
            return try PlanVersions.require(
                try PlanVersions.insert(prices, every: .month, of: id, from: always, at: always, db),
                db
            )
        }
        #expect(throws: Failure.self) { try other.subscribe(yen) }
    }
}
