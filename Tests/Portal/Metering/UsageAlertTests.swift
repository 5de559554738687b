import Storage
import Testing
import Web

@testable import Portal

@Suite("An alert")
struct UsageAlertTests {
    let unit: UnitStore
    let owner: UnitStore.Identities

    init() throws {
        unit = try UnitStore()
        try unit.store.writeBlocking { db in
            let limits = ["shots", "calls"].map { PlanLimits.Limit(subject: $0, quantity: 100) }
            try Plans.put("hundred", Plans.Terms(name: "Hundred", limits: limits), db)
        }
        owner = try unit.account("owner", plan: "hundred")
    }

    private func use(_ shots: Int64, at now: Timestamp = UnitStore.noon, micros: Int64 = 10_000) throws {
        let ids = owner
        try unit.store.writeBlocking { db in
            var batch = UsageBatch(
                accountID: ids.account,
                keyID: ids.key,
                usageMicros: try Accounts.usageMicros(of: ids.account, db),
                now: now,
                threshold: Cents(300_000),
                meterReports: nil
            )
            let event = UsageEvent(
                meter: .shots,
                backend: Backend(known: "simulator"),
                quantity: shots,
                price: Prices.Price(unitMicros: micros, isSimulator: true),
                occurredAt: now
            )
            _ = try batch.add(event, db)
            try batch.finish(db)
        }
    }

    private func setPlan(_ code: String, at now: Timestamp = UnitStore.noon) throws {
        let id = owner.account
        try unit.store.writeBlocking { db in
            try Accounts.setPlan(try require(try Plans.find(code: code, db)).id, of: id, db)
            try UsageAlerts.review(account: id, at: now, db)
        }
    }

    private func setBudget(_ cents: Int64, stops: Bool = false) throws {
        let id = owner.account
        try unit.store.writeBlocking { db in
            try Budgets.set(.init(amount: Cents(cents), stops: stops), of: id, at: UnitStore.noon, db)
            try UsageAlerts.review(account: id, at: UnitStore.noon, db)
        }
    }

    /// The subjects of the mails that wait, in their order.
    private func mails(to address: String? = nil) throws -> [String] {
        let payloads: [String] = try unit.store.read { db in
            try db.all("SELECT payload FROM outbox WHERE kind = 'mail' ORDER BY id") { row in row[0] }
        }
        return try payloads.map { try JSONParser.parse(Array($0.utf8)) }
            .filter { address == nil || $0["to"]?.string == address }.compactMap { $0["subject"]?.string }
    }

    private func told(at now: Timestamp = UnitStore.noon) throws -> [String] {
        try unit.store.read { db in
            try UsageAlerts.list(of: owner.account, in: now.month, db).map {
                "\($0.subject) \($0.percent) of \($0.limit)\($0.resolvedAt == nil ? "" : ", over")"
            }
        }.sorted()
    }

    @Test("is told at each step, once")
    func steps() throws {
        try use(79)
        #expect(try mails() == [])
        try use(1)
        #expect(try mails() == ["80 % of your monthly limit of shots is used"])
        try use(9)
        #expect(try mails().count == 1)
        try use(1)
        try use(10)
        try use(19)
        try use(1)
        #expect(try mails().map { $0.prefix(5) } == ["80 % ", "90 % ", "100 %", "120 %"])
        try use(500)
        #expect(try mails().count == 4)
        #expect(try told() == ["100", "120", "80", "90"].map { "shots \($0) of 100" })
    }

    @Test("of several steps at once tells the highest and lists them all")
    func leap() throws {
        try use(105)
        #expect(try mails() == ["100 % of your monthly limit of shots is used"])
        #expect(try told() == ["100", "80", "90"].map { "shots \($0) of 100" })
    }

    @Test("goes to owners, admins and billing members, and to nobody else")
    func recipients() throws {
        let ids = owner
        try unit.store.writeBlocking { db in
            for role in Role.allCases where role != .owner {
                let email = try require(Email("\(role.rawValue)@example.com"))
                let person = try People.insert(
                    email: email,
                    name: role.rawValue,
                    passwordHash: nil,
                    isOperator: false,
                    at: UnitStore.noon,
                    db
                )
                try Members.insert(person, as: role, into: ids.account, at: UnitStore.noon, db)
            }
        }
        try use(80)
        for name in ["owner", "admin", "billing"] {
            #expect(try mails(to: "\(name)@example.com").count == 1, "\(name)")
        }
        #expect(try mails().count == 3)
    }

    @Test("is over when the limit is raised, and told again for the new limit")
    func raised() throws {
        try use(85)
        try setPlan("pro")
        #expect(try mails().last == "Your use of shots is within its limit again")
        #expect(try told() == ["shots 80 of 100, over"])
        try use(400_000 - 85, micros: 0)
        #expect(try mails().last == "80 % of your monthly limit of shots is used")
        #expect(try told() == ["shots 80 of 100, over", "shots 80 of 500000"])
        let count = try mails().count
        try setPlan("pro")
        #expect(try mails().count == count)
    }

    @Test("stands again, in silence, when the old limit comes back")
    func lowered() throws {
        try use(85)
        try setPlan("pro")
        let count = try mails().count
        try setPlan("hundred")
        #expect(try mails().count == count)
        #expect(try told() == ["shots 80 of 100"])
    }

    @Test("is told when a plan is taken on that is used up already")
    func downgraded() throws {
        try setPlan("enterprise")
        try use(95)
        #expect(try mails() == [])
        try setPlan("hundred")
        #expect(try mails() == ["90 % of your monthly limit of shots is used"])
    }

    @Test("is over in a new month, and begins anew there")
    func newMonth() async throws {
        try use(85)
        let april = UnitStore.noon.adding(days: 20)
        try await UsageAlerts.reviewOpen(in: unit.store, at: UnitStore.noon)
        #expect(try mails().count == 1)
        try await UsageAlerts.reviewOpen(in: unit.store, at: april)
        #expect(try mails().last == "Your use of shots is within its limit again")
        try await UsageAlerts.reviewOpen(in: unit.store, at: april)
        #expect(try mails().count == 2)
        try use(80, at: april)
        #expect(try mails().last == "80 % of your monthly limit of shots is used")
        #expect(try told(at: april) == ["shots 80 of 100"])
        #expect(try told() == ["shots 80 of 100, over"])
    }

    @Test("does not come from uses of months gone by")
    func lateEvents() throws {
        let ids = owner
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
                backend: Backend(known: "simulator"),
                quantity: 500,
                price: Prices.Price(unitMicros: 0, isSimulator: true),
                occurredAt: UnitStore.noon.adding(days: -40)
            )
            _ = try batch.add(event, db)
            try batch.finish(db)
        }
        #expect(try mails() == [])
    }

    @Test("tells of a budget, by the cost of all meters")
    func budget() throws {
        try setPlan("enterprise")
        try setBudget(101)
        try use(80)
        #expect(try mails() == [])
        try use(1)
        #expect(try mails() == ["80 % of your monthly budget is used"])
        try use(20)
        #expect(try mails().last == "100 % of your monthly budget is used")
        try setBudget(1000)
        #expect(try mails().last == "Your spending is within its limit again")
        try setBudget(100, stops: true)
        #expect(try mails().last == "100 % of your monthly budget is used")
    }

    @Test("tells of calls when they are written")
    func calls() async throws {
        let app = try unit.app()
        var grant = Caller.KeyGrant(id: owner.key)
        grant.countsAs = owner.key
        let key = grant
        for _ in 0..<2 {
            _ = try unit.store.read { db in
                try app.calls.take(40, of: key, accountID: owner.account, at: UnitStore.noon, db)
            }
            try await app.calls.flush(app)
        }
        #expect(try mails() == ["80 % of your monthly limit of calls is used"])
    }
}
