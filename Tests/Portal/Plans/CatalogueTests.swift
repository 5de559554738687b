import Storage
import Testing

@testable import Portal

@Suite("The catalogue")
struct CatalogueTests {
    private let unit: UnitStore

    init() throws {
        unit = try UnitStore()
    }

    @Test("has every plan that the contract names, once")
    func plans() throws {
        let codes = try unit.store.read { db in try Plans.list(db).map(\.code) }
        #expect(
            codes == [
                "free", "pro", "enterprise", "partner_free", "partner_growth", "partner_pro", "partner_enterprise",
                "billing_trial", "billing_starter", "billing_professional", "billing_enterprise",
            ]
        )
        let tiers = try unit.store.read { db in try Plans.list(db).map(\.tier) }
        #expect(tiers.filter { $0 == "enterprise" }.count == 3)
    }

    @Test(
        "asks for what the contract says",
        arguments: [
            ("partner_growth", 4900, 47_000), ("partner_pro", 19_900, 191_000), ("partner_enterprise", 99_900, 959_000),
            ("billing_starter", 1900, 19_000), ("billing_professional", 4900, 49_000),
            ("billing_enterprise", 9900, 99_000),
        ] as [(String, Int64, Int64)]
    )
    func prices(code: String, month: Int64, year: Int64) throws {
        try unit.store.read { db in
            let plan = try Plans.require(code, db)
            let versions = try PlanVersions.inForce(of: plan.id, at: UnitStore.noon, db)
            let fees = try versions.map { "\($0.interval.rawValue) \(try $0.prices.fee)" }
            #expect(fees == ["month \(month)", "year \(year)"])
        }
    }

    @Test("gives a store what it lacks, and leaves what operators made of the rest")
    func later() throws {
        try unit.store.writeBlocking { db in
            let free = try Plans.require(Plans.free, db)
            var terms = try Plans.Terms(free, db)
            terms.name = "Starter kit"
            terms.limits = []
            try Plans.put(Plans.free, terms, db)
            let trial = try Plans.require("billing_trial", db)
            try Plans.setArchived(UnitStore.noon, trial.id, db)
            try Catalogue.install(db)
        }
        try unit.store.read { db in
            let free = try Plans.require(Plans.free, db)
            #expect(free.name == "Starter kit")
            #expect(try PlanLimits.list(of: free.id, db) == [])
            #expect(try Plans.require("billing_trial", db).archivedAt != nil)
            #expect(try Plans.list(db).count == 11)
        }
    }

    @Test("has a price in force from its moment on, until the next one's")
    func versions() throws {
        let (today, later) = (UnitStore.noon, UnitStore.noon.adding(days: 10))
        try unit.store.writeBlocking { db in
            let plan = try Plans.require("billing_starter", db)
            for (cents, from) in [(2500, later), (2100, today)] as [(Int64, Timestamp)] {
                let prices = try PlanPrices(currency: .usd, items: [SubscriptionDesk.fee(cents)])
                _ = try PlanVersions.insert(prices, every: .month, of: plan.id, from: from, at: today, db)
            }
        }
        try unit.store.read { db in
            let plan = try Plans.require("billing_starter", db)
            for (days, cents) in [(-1, 1900), (0, 2100), (9, 2100), (10, 2500), (400, 2500)] as [(Int, Int64)] {
                let moment = today.adding(days: days)
                let version = try PlanVersions.inForce(of: plan.id, .usd, .month, at: moment, db)
                #expect(try version?.prices.fee == cents)
            }
        }
    }
}
