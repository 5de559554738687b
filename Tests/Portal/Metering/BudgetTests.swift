import Storage
import Testing

@testable import Portal

@Suite("A budget")
struct BudgetTests {
    static let simulator = Prices.Price(unitMicros: 10_000, isSimulator: true)

    private func quota(_ cents: Int64, stops: Bool = true, spent micros: Int64, isPrepaid: Bool = false) -> Quota {
        var quota = Quota(
            meter: .shots,
            plan: "p",
            isPrepaid: isPrepaid,
            simulatorsOnly: false,
            isActive: true,
            limit: nil,
            used: 0,
            usageMicros: 0,
            credit: Cents(100_000),
            hasCustomer: false
        )
        quota.budget = .init(amount: Cents(cents), stops: stops)
        quota.monthMicros = micros
        return quota
    }

    @Test("lets its last cent pass and refuses the next")
    func edge() {
        #expect(quota(100, spent: 900_000).refusal(of: 10, at: Self.simulator) == nil)
        #expect(quota(100, spent: 900_000).refusal(of: 11, at: Self.simulator) == .budgetExceeded)
        #expect(quota(0, spent: 0).refusal(of: 1, at: Self.simulator) == .budgetExceeded)
    }

    @Test("that only tells refuses nothing")
    func tells() {
        #expect(quota(100, stops: false, spent: 5_000_000).refusal(of: 10, at: Self.simulator) == nil)
    }

    @Test("never refuses what costs nothing, also when overspent")
    func free() {
        #expect(quota(100, spent: 5_000_000).refusal(of: 0, at: Self.simulator) == nil)
        #expect(quota(100, spent: 5_000_000).refusal(of: 9, at: .init(unitMicros: 0, isSimulator: true)) == nil)
    }

    @Test("is no reason to upgrade")
    func upgrade() {
        #expect(!Quota.Refusal.budgetExceeded.isMendedByUpgrade)
    }

    @Test("survives a month near the end of 64 bits")
    func overflow() {
        #expect(quota(100, spent: .max - 1).refusal(of: 1, at: Self.simulator) == .budgetExceeded)
    }

    @Test("keeps calls within the plan, which costs nothing, and no further")
    func calls() async throws {
        let unit = try UnitStore()
        try unit.store.writeBlocking { db in
            let calls = PlanLimits.Limit(subject: "calls", quantity: 100, overage: UnitPrice(micros: 10_000))
            try Plans.put("billed", Plans.Terms(name: "Billed", limits: [calls]), db)
        }
        let ids = try unit.account("owner", plan: "billed")
        try unit.store.writeBlocking { db in
            try Budgets.set(.init(amount: Cents(5), stops: true), of: ids.account, at: UnitStore.noon, db)
        }
        let app = try unit.app()
        var grant = Caller.KeyGrant(id: ids.key)
        grant.countsAs = ids.key
        let key = grant
        func take(_ cost: Int64) throws -> Calls.Verdict {
            try unit.store.read { db in
                try app.calls.take(cost, of: key, accountID: ids.account, at: UnitStore.noon, db)
            }
        }
        #expect(try take(100) == .within(remaining: 0))
        #expect(try take(5) == .overage)
        try await app.calls.flush(app)
        #expect(try take(1) == .refused(.planLimit))
        try unit.store.writeBlocking { db in
            try Budgets.set(.init(amount: Cents(500), stops: true), of: ids.account, at: UnitStore.noon, db)
        }
        #expect(try take(1) == .overage)
    }
}
