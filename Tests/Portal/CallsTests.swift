import Storage
import Testing

@testable import Portal

@Suite("Calls")
struct CallsTests {
    private let unit: UnitStore
    private let app: App

    init() throws {
        unit = try UnitStore()
        app = try unit.app()
    }

    /// A plan that allows `limit` calls, and bills those beyond it at half a dollar a thousand where `bills`.
    private func account(_ name: String, limit: Int64, bills: Bool = false) throws -> UnitStore.Identities {
        try unit.store.writeBlocking { db in
            let overage = bills ? UnitPrice(micros: 500) : nil
            let calls = PlanLimits.Limit(subject: "calls", quantity: limit, overage: overage)
            try Plans.put(name, Plans.Terms(name: name, limits: [calls]), db)
        }
        return try unit.account(name, plan: name)
    }

    private func grant(_ ids: UnitStore.Identities) -> Caller.KeyGrant {
        var grant = Caller.KeyGrant(id: ids.key)
        grant.countsAs = ids.key
        return grant
    }

    private func take(
        _ cost: Int64 = 1,
        _ ids: UnitStore.Identities,
        _ grant: Caller.KeyGrant? = nil,
        from calls: Calls? = nil,
        at now: Timestamp = UnitStore.noon
    ) throws -> Calls.Verdict {
        let grant = grant ?? self.grant(ids)
        return try unit.store.read { db in
            try (calls ?? app.calls).take(cost, of: grant, accountID: ids.account, at: now, db)
        }
    }

    private func used(_ ids: UnitStore.Identities, at now: Timestamp = UnitStore.noon) throws -> Int64 {
        try unit.store.read { db in
            try app.calls.used(.account(ids.account), ofAccount: ids.account, in: now.month, at: now, db)
        }
    }

    @Test("lets exactly the limit pass, of any number of callers at once, while they are being written")
    func exactly() async throws {
        let ids = try account("racing", limit: 1000)
        let passed = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    var passed = 0
                    for _ in 0..<50 {
                        if case .within = try take(1, ids) { passed += 1 }
                        await Task.yield()
                    }
                    return passed
                }
            }
            group.addTask {
                for _ in 0..<20 { try await app.calls.flush(app) }
                return 0
            }
            return try await group.reduce(0, +)
        }
        try await app.calls.flush(app)
        #expect(passed == 1000)
        #expect(try used(ids) == 1000)
        let row = try unit.store.read { db in
            try CallMonths.used(.account(ids.account), in: UnitStore.noon.month, db)
        }
        #expect(row == 1000)
    }

    @Test("counts in none when one limit refuses")
    func noneOrAll() throws {
        let ids = try account("careful", limit: 5)
        var narrow = grant(ids)
        narrow.monthlyQuota = 2
        #expect(try take(2, ids, narrow) == .within(remaining: 0))
        #expect(try take(1, ids, narrow) == .refused(.keyQuota))
        #expect(try used(ids) == 2)
        #expect(try take(4, ids) == .refused(.planLimit))
        #expect(try take(3, ids) == .within(remaining: 0))
    }

    @Test("bills what is beyond the limit to the cent, and ends at 120 %")
    func overage() async throws {
        let ids = try account("billed", limit: 100_000, bills: true)
        #expect(try take(100_000, ids) == .within(remaining: 0))
        try await app.calls.flush(app)
        #expect(try take(7, ids) == .overage)
        try await app.calls.flush(app)
        #expect(try take(19_993, ids) == .overage)
        #expect(try take(1, ids) == .refused(.suspended))
        try await app.calls.flush(app)
        let (micros, findings) = try unit.store.read { db in
            (try Accounts.usageMicros(of: ids.account, db), try LedgerCheck.run(db))
        }
        // 20,000 calls at half a dollar a thousand.
        #expect(Dollars(micros: micros).cents == Cents(1000))
        #expect(findings == [])
    }

    @Test("takes a changed plan from the next call on")
    func changedPlan() throws {
        let ids = try account("growing", limit: 1)
        #expect(try take(1, ids) == .within(remaining: 0))
        #expect(try take(1, ids) == .refused(.planLimit))
        try unit.store.writeBlocking { db in
            let plan = try require(try Plans.find(code: "enterprise", db))
            try Accounts.setPlan(plan.id, of: ids.account, db)
        }
        #expect(try take(1, ids) == .within(remaining: nil))
    }

    @Test("goes on from the rows after a restart, and begins anew each month")
    func restart() async throws {
        let ids = try account("lasting", limit: 3)
        #expect(try take(2, ids) == .within(remaining: 1))
        try await app.calls.flush(app)
        let another = Calls()
        #expect(try take(2, ids, from: another) == .refused(.planLimit))
        #expect(try take(1, ids, from: another) == .within(remaining: 0))
        #expect(try take(3, ids, from: another, at: UnitStore.noon.adding(days: 31)) == .within(remaining: 0))
    }

    @Test("counts a test key's calls for the key alone")
    func testKeys() throws {
        let ids = try account("trying", limit: 1)
        var test = grant(ids)
        test.isTest = true
        for _ in 0..<5 { #expect(try take(1, ids, test) == .within(remaining: nil)) }
        #expect(try used(ids) == 0)
    }

    @Test("keeps what the store could not take, and forgets who was not seen for long")
    func keeping() async throws {
        let ids = try account("idle", limit: 10)
        _ = try take(4, ids)
        let later = try unit.app(at: UnitStore.noon.adding(seconds: 3600))
        try await app.calls.flush(app)
        #expect(app.calls.counters == 2)
        try await app.calls.flush(later)
        #expect(app.calls.counters == 0)
        #expect(try used(ids) == 4)
    }

    @Test("tells of a key's own quota at 80 and 100 percent, once each")
    func keyQuota() async throws {
        let ids = try account("quota", limit: 1000)
        var grant = grant(ids)
        grant.monthlyQuota = 10
        func mails() throws -> [String] {
            try unit.store.read { db in
                try OutboxRows.waiting(.mail, atMost: 10, db).compactMap { $0.payload["subject"]?.string }
            }
        }
        for _ in 0..<7 { _ = try take(1, ids, grant) }
        try await app.calls.flush(app)
        #expect(try mails() == [])
        _ = try take(1, ids, grant)
        try await app.calls.flush(app)
        #expect(try mails() == ["80 % of a key's monthly quota is used"])
        _ = try take(2, ids, grant)
        #expect(try take(1, ids, grant) == .refused(.keyQuota))
        try await app.calls.flush(app)
        #expect(try mails() == ["80 % of a key's monthly quota is used", "100 % of a key's monthly quota is used"])
        // A new month has a quota of its own; steps that are passed at once are one mail.
        let later = UnitStore.noon.adding(days: 31)
        _ = try take(10, ids, grant, at: later)
        try await app.calls.flush(try unit.app(at: later))
        #expect(try mails().count == 3)
    }
}
