import Storage
import Testing

@testable import Portal

@Suite("A batch of usage")
struct UsageBatchTests {
    let unit: UnitStore
    let owner: UnitStore.Identities
    let outsider: UnitStore.Identities

    init() throws {
        unit = try UnitStore()
        owner = try unit.account("owner", credit: Cents(1000))
        outsider = try unit.account("outsider")
    }

    private func record(
        _ events: [UsageEvent],
        for ids: UnitStore.Identities,
        threshold: Cents = Cents(1_000_000_000)
    ) throws -> [Bool] {
        try unit.store.writeBlocking { db in
            var batch = UsageBatch(
                accountID: ids.account,
                keyID: ids.key,
                usageMicros: try Accounts.usageMicros(of: ids.account, db),
                now: UnitStore.noon,
                threshold: threshold,
                meterReports: nil
            )
            let isNew = try events.map { try batch.add($0, db) != nil }
            try batch.finish(db)
            return isNew
        }
    }

    private static func event(
        _ backend: String = "ibm_torino",
        _ quantity: Int64 = 1,
        micros: Int64 = 3_000_000,
        _ meter: Meter = .shots,
        at moment: Timestamp = UnitStore.noon,
        key: String? = nil
    ) -> UsageEvent {
        UsageEvent(
            meter: meter,
            backend: Backend(known: backend),
            quantity: quantity,
            price: Prices.Price(unitMicros: micros, isSimulator: false),
            occurredAt: moment,
            eventKey: key
        )
    }

    struct Sum: Equatable, CustomStringConvertible {
        var quantity: Int64 = 0
        var micros: Int64 = 0
        var events: Int64 = 0

        var description: String { "\(quantity) units, \(micros) micros, \(events) events" }

        mutating func add(_ event: UsageEvent) {
            quantity += event.quantity
            micros += event.quantity * event.price.unitMicros
            events += 1
        }
    }

    /// What the store holds, each row under its names.
    private func stored() throws -> (days: [String: Sum], months: [String: Sum], totals: [String: Sum]) {
        func table(_ sql: StaticString) throws -> [String: Sum] {
            let rows: [(String, Sum)] = try unit.store.read { db in
                try db.all(sql) { row in (row[0], Sum(quantity: row[1], micros: row[2], events: row[3])) }
            }
            return Dictionary(uniqueKeysWithValues: rows)
        }
        return (
            try table(
                "SELECT account_id || ' ' || meter || ' ' || day || ' ' || backend, quantity, cost_micros, events FROM usage_day"
            ),
            try table(
                "SELECT account_id || ' ' || meter || ' ' || month, quantity, cost_micros, events FROM usage_month"
            ),
            try table(
                """
                SELECT account_id || ' ' || meter || ' ' || backend, sum(quantity), sum(cost_micros), sum(events)
                FROM usage_total GROUP BY account_id, meter, backend
                """
            )
        )
    }

    @Test("rolls up what a recount of the events finds, whatever their order, days, months, backends and repeats")
    func recount() throws {
        var dice = SeededDice(for: "usage roll-ups")
        var (days, months, totals) = ([String: Sum](), [String: Sum](), [String: Sum]())
        var used: [Int64: Int64] = [:]
        var seen: Set<String> = []
        for round in 0..<30 {
            let ids = dice.pick([owner, owner, outsider])
            let events = (0..<dice.roll(0...40)).map { _ in
                Self.event(
                    dice.pick(["ibm_torino", "aws_sv1", "simulator", "Ibm_Torino", "x:y-z."]),
                    Int64(dice.roll(0...500)),
                    micros: dice.pick([0, 1, 1000, 3333, 10_000]),
                    dice.pick([.shots, .shots, .inferences]),
                    at: UnitStore.noon.adding(seconds: Int64(-dice.roll(0...70 * 86_400))),
                    key: dice.roll(0...3) == 0 ? nil : "event-\(dice.roll(0...300))"
                )
            }
            let isNew = try record(events, for: ids)
            for (event, wasNew) in zip(events, isNew) {
                let expected = event.eventKey.map { seen.insert("\(ids.account) \($0)").inserted } ?? true
                #expect(wasNew == expected, "seed \(dice.seed), round \(round)")
                guard expected else { continue }
                let (account, meter) = (ids.account, event.meter.rawValue)
                days["\(account) \(meter) \(event.occurredAt.day.number) \(event.backend.name)", default: Sum()].add(
                    event
                )
                months["\(account) \(meter) \(event.occurredAt.month.number)", default: Sum()].add(event)
                totals["\(account) \(meter) \(event.backend.name)", default: Sum()].add(event)
                used[account, default: 0] += event.quantity * event.price.unitMicros
            }
        }
        let found = try stored()
        #expect(found.days == days, "seed \(dice.seed)")
        #expect(found.months == months, "seed \(dice.seed)")
        #expect(found.totals == totals, "seed \(dice.seed)")
        for ids in [owner, outsider] {
            let (micros, posted): (Int64, Int64) = try unit.store.read { db in
                (
                    try db.value("SELECT usage_micros FROM account WHERE id = ?", ids.account) ?? -1,
                    try db.value(
                        "SELECT coalesce(sum(amount), 0) FROM ledger_entry WHERE account_id = ? AND reason = 'usage'",
                        ids.account
                    ) ?? -1
                )
            }
            #expect(micros == used[ids.account] ?? 0, "seed \(dice.seed)")
            #expect(posted == Dollars(micros: micros).cents.value, "seed \(dice.seed)")
        }
        #expect(try unit.store.read { db in try LedgerCheck.run(db) }.isEmpty, "seed \(dice.seed)")
    }

    @Test("counts an event's key once for ever, per account")
    func keys() throws {
        #expect(
            try record([Self.event(key: "a"), Self.event(key: "a"), Self.event(key: "b")], for: owner) == [
                true, false, true,
            ]
        )
        #expect(try record([Self.event(key: "a"), Self.event()], for: owner) == [false, true])
        #expect(try record([Self.event(key: "a"), Self.event(), Self.event()], for: outsider) == [true, true, true])
        let found = try stored()
        #expect(found.totals["\(owner.account) shots ibm_torino"] == Sum(quantity: 3, micros: 9_000_000, events: 3))
        #expect(found.totals["\(outsider.account) shots ibm_torino"] == Sum(quantity: 3, micros: 9_000_000, events: 3))
    }

    @Test("takes credit first, and what is more is owed")
    func charges() throws {
        func books() throws -> [Int64] {
            try unit.store.read { db in
                [
                    try Ledger.credit(of: owner.account, db).value,
                    try Ledger.balance(.unbilled, of: owner.account, db).value,
                    try Ledger.balance(.receivable, of: owner.account, db).value,
                ]
            }
        }
        _ = try record([Self.event("ibm_torino", 3)], for: owner)
        #expect(try books() == [100, 0, 0])
        _ = try record([Self.event("ibm_torino", 1)], for: owner)
        #expect(try books() == [0, 200, 0])
        _ = try record([Self.event("ibm_torino", 1)], for: owner, threshold: Cents(501))
        #expect(try books() == [0, 500, 0])
        _ = try record([Self.event("free", 1, micros: 0)], for: owner, threshold: Cents(1))
        #expect(try books() == [0, 500, 0])
        // The threshold reached, an invoice asks for all of it.
        _ = try record([Self.event("aws_sv1", 1, micros: 10_000)], for: owner, threshold: Cents(501))
        #expect(try books() == [0, 0, 501])
        #expect(try unit.store.read { db in try LedgerCheck.run(db) } == [])
    }

    @Test("leaves nothing behind when its transaction fails")
    func rollback() throws {
        struct Stop: Error {}
        let ids = owner
        #expect(throws: Stop.self) {
            try unit.store.writeBlocking { db in
                var batch = UsageBatch(
                    accountID: ids.account,
                    keyID: ids.key,
                    usageMicros: try Accounts.usageMicros(of: ids.account, db),
                    now: UnitStore.noon,
                    threshold: Cents(1),
                    meterReports: nil
                )
                _ = try batch.add(Self.event(), db)
                try batch.finish(db)
                throw Stop()
            }
        }
        let found = try stored()
        #expect(found.days.isEmpty && found.months.isEmpty && found.totals.isEmpty)
    }
}
