import Storage
import Testing
import Web

@testable import Portal

@Suite("A store of the first release, opened by this one")
struct UpgradeTests {
    let before: FirstStore.Rows
    let unit: UnitStore

    init() throws {
        var rows: FirstStore.Rows = [:]
        unit = try UnitStore(upgrading: { path in
            try FirstStore.make(at: path)
            let old = try Store(StoreSettings(path: path))
            defer { old.close() }
            rows = try old.read(FirstStore.rows)
        })
        before = rows
    }

    @Test("keeps every row of every table as it was")
    func rows() throws {
        let after = try unit.store.read(FirstStore.rows)
        #expect(before.count == 25)
        for (table, rows) in before {
            #expect(!rows.isEmpty, "\(table) was empty")
            // The old plans get limits of what the first release did not limit, and there are more plans.
            let kept = ["plan", "plan_limit"].contains(table) ? after[table]?.filter(rows.contains) : after[table]
            #expect(kept == rows, "\(table)")
        }
    }

    @Test("has the plans and limits of a store that is made today")
    func plans() throws {
        let today = try UnitStore()
        #expect(try unit.store.read(Self.limits) == today.store.read(Self.limits))
        #expect(try unit.store.read { db in try PlanLimits.find(.calls, ofAccount: 1, db) } == 1000)
        #expect(try unit.store.read { db in try PlanLimits.find(.keys, ofAccount: 1, db) } == 3)
    }

    @Test("is sound by all that checks a store")
    func findings() async throws {
        #expect(try unit.store.read { db in try LedgerCheck.run(db) } == [])
        let caller = Caller(kind: .shell, address: "", requestID: "r")
        let answer = try await CheckStore.handle(Empty(), by: caller, in: try unit.app())
        #expect(answer.findings == [])
        #expect((answer.accounts, answer.outboxWaiting) == (2, 1))
    }

    @Test("lets its keys and people in, and goes on with its books and its numbers")
    func goesOn() throws {
        let now = UnitStore.noon
        let key = try unit.store.read { db in try APIKeys.find(digest: FirstStore.keyDigest, at: now, db) }
        #expect(key?.isActive == true)
        #expect(key?.grant.scopes == .all)
        let findings = try unit.store.writeBlocking { db in
            var batch = UsageBatch(
                accountID: 2,
                keyID: 2,
                usageMicros: try Accounts.usageMicros(of: 2, db),
                now: now,
                threshold: Cents(300_000),
                meterReports: nil
            )
            let price = Prices.Price(unitMicros: 7_000_000, isSimulator: false)
            let backend = Backend(known: "ibm_torino")
            _ = try batch.add(
                UsageEvent(meter: .shots, backend: backend, quantity: 1, price: price, occurredAt: now),
                db
            )
            try batch.finish(db)
            try Invoices.raise(2, at: now, db)
            _ = try Payments.receive(Cents(15_700), .usd, from: 2, providerID: "pi_2", at: now, db)
            return try LedgerCheck.run(db)
        }
        #expect(findings == [])
        let invoices = try unit.store.read { db in try Invoices.list(of: 2, db) }
        #expect(invoices.map(\.number) == ["INV-000002", "INV-000001"])
        #expect(invoices.map(\.status) == [.paid, .paid])
    }

    @Sendable private static func limits(_ db: borrowing Database) throws -> [String] {
        try db.all(
            """
            SELECT json_array(p.code, p.name, p.is_prepaid, p.simulators_only, l.meter, l.quantity, l.overage_micros)
            FROM plan p LEFT JOIN plan_limit l ON l.plan_id = p.id ORDER BY p.code, l.meter
            """
        ) { row in row[0] }
    }
}
