import Storage

@testable import Portal

/// An account with a clock of its own, and what tests of subscriptions do to it.
struct SubscriptionDesk {
    let unit: UnitStore
    let app: App
    let account: Int64

    static let begin = Timestamp(day: Day(year: 2026, month: 1, day: 31)).adding(seconds: 36_000)

    init(at begin: Timestamp = Self.begin, credit: Cents = Self.credit) throws {
        unit = try UnitStore()
        app = try unit.app(at: begin)
        let owner = try unit.account("owner")
        account = try unit.store.writeBlocking { db in
            let free = try Plans.require(Plans.free, db)
            let id = try Accounts.insert(
                name: "Tested",
                planID: free.id,
                ownerID: owner.person,
                testClock: begin,
                at: begin,
                db
            )
            // What is not paid ends in dunning, which has tests of its own.
            try CreditGrants.give(credit, kind: .promotion, name: "Tests", to: id, at: begin, db)
            return id
        }
    }

    static let credit = Cents(100_000_000)

    /// A plan that asks for these items.
    @discardableResult
    func plan(
        _ code: String,
        trialDays: Int64 = 0,
        _ items: [PlanPrices.Item],
        every interval: BillingInterval = .month
    ) throws -> PlanVersions.Version {
        try unit.store.writeBlocking { db in
            let terms = Plans.Terms(name: code, trialDays: trialDays)
            let id = try Plans.find(code: code, db)?.id ?? Plans.put(code, terms, db)
            let prices = try PlanPrices(currency: .usd, items: items)
            let always = Timestamp(milliseconds: 0)
            let version = try PlanVersions.insert(prices, every: interval, of: id, from: always, at: always, db)
            return try PlanVersions.require(version, db)
        }
    }

    static func fee(_ cents: Int64) -> PlanPrices.Item {
        PlanPrices.Item(name: "base", label: "Base", model: .flat(UnitPrice(micros: cents * 10_000)))
    }

    static func credits(included: Int64, micros: Int64) -> PlanPrices.Item {
        PlanPrices.Item(
            name: "credits",
            label: "Credits",
            meter: "credits",
            model: .perUnit(UnitPrice(micros: micros)),
            included: included
        )
    }

    var now: Timestamp {
        get throws { try unit.store.read { db in try Accounts.time(of: account, at: app.now(), db) } }
    }

    func subscribe(_ version: PlanVersions.Version) throws {
        let (account, now) = (account, try now)
        try unit.store.writeBlocking { db in
            _ = try Subscriptions.begin(account, version, by: nil, at: now, db)
        }
    }

    func change(to version: PlanVersions.Version) throws {
        let (account, now) = (account, try now)
        try unit.store.writeBlocking { db in
            let change = SubscriptionSwitch(live: try Subscriptions.require(of: account, db), version: version)
            try change.apply(by: nil, at: now, db)
        }
    }

    func use(_ inferences: Int64) throws {
        let (account, now) = (account, try now)
        try unit.store.writeBlocking { db in
            var batch = UsageBatch(
                accountID: account,
                keyID: 1,
                usageMicros: try Accounts.usageMicros(of: account, db),
                now: now,
                threshold: Cents(300_000),
                meterReports: nil
            )
            let event = UsageEvent(
                meter: .inferences,
                backend: Backend(known: "model"),
                quantity: inferences,
                price: Prices.Price(unitMicros: 0, isSimulator: false),
                occurredAt: now
            )
            _ = try batch.add(event, db)
            try batch.finish(db)
        }
    }

    func advance(to moment: Timestamp) async throws {
        _ = try await TestClock.advance(account, to: moment, in: app)
    }

    var live: Subscriptions.Live? {
        get throws { try unit.store.read { db in try Subscriptions.live(of: account, db) } }
    }

    var planCode: String? {
        get throws { try unit.store.read { db in try Plans.find(ofAccount: account, db)?.code } }
    }

    struct Line: Equatable {
        let description: String
        let quantity: Int64
        let amount: Int64
    }

    /// The lines of the account's invoices, oldest first.
    var invoices: [[Line]] {
        get throws {
            try unit.store.read { db in
                let ids: [Int64] = try db.all("SELECT id FROM invoice WHERE account_id = ? ORDER BY id", account) {
                    row in row[0]
                }
                return try ids.map { id in
                    try InvoiceLines.of(id, db).map { line in
                        Line(description: line.description, quantity: line.quantity, amount: line.amount.value)
                    }
                }
            }
        }
    }

    /// When they were made out.
    var issued: [String] {
        get throws {
            try unit.store.read { db in
                try db.all("SELECT issued_at FROM invoice WHERE account_id = ? ORDER BY id", account) { row in
                    Timestamp(milliseconds: row[0]).text
                }
            }
        }
    }

    var changes: [SubscriptionChanges.Kind] {
        get throws {
            try unit.store.read { db in
                let all = try Subscriptions.list(of: account, before: .max, limit: 100, db).reversed()
                return try all.flatMap { try SubscriptionChanges.list(of: $0.id, db).map(\.kind) }
            }
        }
    }

    var findings: [String] {
        get throws { try unit.store.read { db in try LedgerCheck.run(db) } }
    }
}
