import Storage
import Testing

@testable import Portal

@Suite("A billing run")
struct BillingRunTests {
    private func accounts(_ count: Int, in unit: UnitStore) throws -> [UnitStore.Identities] {
        try (0..<count).map { try unit.account("account\($0)") }
    }

    private func use(_ ids: UnitStore.Identities, in unit: UnitStore) throws {
        try unit.store.writeBlocking { db in
            var batch = UsageBatch(
                accountID: ids.account,
                keyID: ids.key,
                usageMicros: 0,
                now: UnitStore.noon,
                threshold: Cents(300_000),
                meterReports: nil
            )
            let event = UsageEvent(
                meter: .shots,
                backend: Backend(known: "ionq_simulator"),
                quantity: 100,
                price: Prices.Price(unitMicros: 10_000, isSimulator: true),
                occurredAt: UnitStore.noon
            )
            _ = try batch.add(event, db)
            try batch.finish(db)
        }
    }

    private func invoices(_ unit: UnitStore) throws -> Int {
        try unit.store.read { db in try Invoices.count(db) }
    }

    @Test("bills each account that is due once, in slices, however often it runs")
    func once() async throws {
        let unit = try UnitStore()
        for ids in try accounts(120, in: unit) { try use(ids, in: unit) }
        let firstOfMonth = try require(Timestamp("2026-04-01T00:00:00Z"))
        #expect(try await BillingRun.run(try unit.app(at: UnitStore.noon)).closed == 120)
        #expect(try invoices(unit) == 120)
        let next = try unit.app(at: firstOfMonth)
        #expect(try await BillingRun.run(next, atMost: 70) == .init(closed: 70, failed: [], hasMore: true))
        #expect(try await BillingRun.run(next) == .init(closed: 50, failed: [], hasMore: false))
        #expect(try await BillingRun.run(next) == .init(closed: 0, failed: [], hasMore: false))
        #expect(try invoices(unit) == 120)
        #expect(try unit.store.read { db in try LedgerCheck.run(db) } == [])
    }

    @Test("bills the others when one account cannot be billed")
    func failing() async throws {
        let unit = try UnitStore()
        let all = try accounts(3, in: unit)
        for ids in all { try use(ids, in: unit) }
        // A meter that there is not: the account's use cannot be read.
        try unit.store.writeBlocking { db in
            _ = try db.run("UPDATE usage_total SET meter = 'nothing' WHERE account_id = ?", all[1].account)
        }
        let outcome = try await BillingRun.run(try unit.app(at: UnitStore.noon))
        #expect(outcome == .init(closed: 2, failed: [all[1].account], hasMore: false))
        #expect(try invoices(unit) == 2)
    }

    @Test("leaves test accounts to their own clocks")
    func testAccounts() async throws {
        let desk = try SubscriptionDesk()
        try desk.subscribe(try desk.plan("team", [SubscriptionDesk.fee(4900)]))
        _ = try await BillingRun.run(try desk.unit.app(at: UnitStore.noon.adding(days: 400)))
        #expect(try desk.invoices.count == 1)
    }

    @Test("puts a test clock a year forward in seconds, each renewal at its moment", .timeLimit(.minutes(1)))
    func year() async throws {
        let desk = try SubscriptionDesk()
        try desk.subscribe(try desk.plan("weekly", [SubscriptionDesk.fee(100)], every: .week))
        let later = SubscriptionDesk.begin.adding(days: 365)
        let steps = try await TestClock.advance(desk.account, to: later, in: desk.app)
        #expect(steps == 52)
        #expect(try desk.invoices.count == 53)
        #expect(try desk.findings == [])
    }
}
