import Testing

@testable import Portal

@Suite("A quota")
struct QuotaTests {
    static let simulator = Prices.Price(unitMicros: 10_000, isSimulator: true)
    static let machine = Prices.Price(unitMicros: 3_000_000, isSimulator: false)

    private static func quota(
        prepaid: Bool = false,
        simulatorsOnly: Bool = false,
        active: Bool = true,
        limit: Int64? = nil,
        used: Int64 = 0,
        micros: Int64 = 0,
        credit: Int64 = 0
    ) -> Quota {
        Quota(
            meter: .shots,
            plan: "p",
            isPrepaid: prepaid,
            simulatorsOnly: simulatorsOnly,
            isActive: active,
            limit: limit,
            used: used,
            usageMicros: micros,
            credit: Cents(credit),
            hasCustomer: false
        )
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let quota: Quota
        let quantity: Int64
        let price: Prices.Price
        let refusal: Quota.Refusal?

        init(_ name: String, _ quota: Quota, _ quantity: Int64, _ price: Prices.Price, _ refusal: Quota.Refusal?) {
            (testDescription, self.quota, self.quantity, self.price, self.refusal) = (
                name, quota, quantity, price, refusal
            )
        }
    }

    @Test(
        "refuses, or not",
        arguments: [
            Row("a bill without limits", quota(), 100_000_000, machine, nil),
            Row("a suspended account", quota(active: false), 0, simulator, .accountSuspended),
            Row("a machine on a simulator plan", quota(simulatorsOnly: true), 1, machine, .backendNotInPlan),
            Row("a simulator on a simulator plan", quota(simulatorsOnly: true), 1, simulator, nil),
            Row("the last of a limit", quota(limit: 100, used: 90), 10, simulator, nil),
            Row("one past a limit", quota(limit: 100, used: 90), 11, simulator, .quotaExceeded),
            Row("nothing at a limit", quota(limit: 100, used: 100), 0, simulator, nil),
            Row("nothing past a limit", quota(limit: 100, used: 130), 0, simulator, nil),
            Row("one past what was overdrawn", quota(limit: 100, used: 130), 1, simulator, .quotaExceeded),
            Row("all of the credit", quota(prepaid: true, credit: 100), 100, simulator, nil),
            Row("a cent past the credit", quota(prepaid: true, credit: 100), 101, simulator, .insufficientFunds),
            Row("nothing without credit", quota(prepaid: true), 0, simulator, nil),
            Row("what is free without credit", quota(prepaid: true), 9, .init(unitMicros: 0, isSimulator: true), nil),
            Row(
                "less than half a cent without credit",
                quota(prepaid: true),
                4,
                .init(unitMicros: 1000, isSimulator: true),
                nil
            ),
            Row(
                "half a cent without credit",
                quota(prepaid: true),
                5,
                .init(unitMicros: 1000, isSimulator: true),
                .insufficientFunds
            ),
            Row(
                "what rounds up with what was used before",
                quota(prepaid: true, micros: 4000),
                1,
                .init(unitMicros: 1000, isSimulator: true),
                .insufficientFunds
            ),
            Row("no credit on a bill", quota(credit: -500), 5, machine, nil),
            Row(
                "suspension before all else",
                quota(simulatorsOnly: true, active: false, limit: 0),
                1,
                machine,
                .accountSuspended
            ),
            Row("the plan before the limit", quota(simulatorsOnly: true, limit: 0), 1, machine, .backendNotInPlan),
            Row("the limit before the funds", quota(prepaid: true, limit: 0), 1, simulator, .quotaExceeded),
        ]
    )
    func refusals(row: Row) {
        #expect(row.quota.refusal(of: row.quantity, at: row.price) == row.refusal)
    }

    @Test("survives a total near the end of 64 bits, which strangers can report")
    func overflow() {
        let price = Prices.Price(unitMicros: 5_000_000, isSimulator: false)
        #expect(Self.quota(micros: .max - 10).refusal(of: 100_000_000, at: price) == nil)
        #expect(
            Self.quota(prepaid: true, micros: .max - 10, credit: 1000).refusal(of: 100_000_000, at: price)
                == .insufficientFunds
        )
    }

    @Test("never shows less than nothing as remaining")
    func remaining() {
        #expect(Self.quota().remaining == nil)
        #expect(Self.quota(limit: 10, used: 3).remaining == 7)
        #expect(Self.quota(limit: 10, used: 30).remaining == 0)
    }

    @Test("is read from the account's plan, month, usage and credit")
    func found() throws {
        let unit = try UnitStore()
        let ids = try unit.account("owner", plan: "free", credit: Cents(1000))
        let now = UnitStore.noon
        try unit.store.writeBlocking { db in
            for (shots, moment) in [(Int64(30), now), (12, now.adding(days: -31))] {
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
                    backend: Backend(known: "aws_sv1"),
                    quantity: shots,
                    price: Self.simulator,
                    occurredAt: moment
                )
                _ = try batch.add(event, db)
                try batch.finish(db)
            }
        }
        let quotas = try unit.store.read { db in
            [
                try Quota.find(keyID: ids.key, .shots, in: now.month, db),
                try Quota.find(accountID: ids.account, .shots, in: now.month, db),
            ]
        }
        for quota in quotas {
            let quota = try #require(quota)
            #expect(
                quota.plan == "free" && quota.isPrepaid && quota.simulatorsOnly && quota.isActive && !quota.hasCustomer
            )
            #expect(quota.limit == 100)
            #expect(quota.used == 30)
            #expect(quota.usageMicros == 420_000)
            #expect(quota.credit == Cents(958))
        }
        let other = try unit.store.read { db in try Quota.find(keyID: ids.key, .inferences, in: now.month, db) }
        #expect(other?.used == 0)
        #expect(try unit.store.read { db in try Quota.find(keyID: ids.key + 1, .shots, in: now.month, db) } == nil)
    }
}
