import Storage
import Testing

@testable import Portal

@Suite("Low credit")
struct LowCreditTests {
    let unit: UnitStore
    let owner: UnitStore.Identities

    init() throws {
        unit = try UnitStore()
        owner = try unit.account("owner", credit: Cents(10_00))
    }

    private func rule(alert: Int64? = nil, below: Int64? = nil, amount: Int64 = 50_00, atMost: Int64 = 10) throws {
        let account = owner.account
        try unit.store.writeBlocking { db in
            try CreditRules.set(
                alertBelow: alert.map { Cents($0) },
                topUp: below.map { (below: Cents($0), amount: Cents(amount), atMost: atMost) },
                of: account,
                at: UnitStore.noon,
                db
            )
        }
    }

    private func spend(_ cents: Int64) throws {
        let owner = owner
        try unit.store.writeBlocking { db in
            var batch = UsageBatch(
                accountID: owner.account,
                keyID: owner.key,
                usageMicros: try Accounts.usageMicros(of: owner.account, db),
                now: UnitStore.noon,
                threshold: Cents(1_000_000_00),
                meterReports: nil
            )
            let price = Prices.Price(unitMicros: 10_000, isSimulator: false)
            let event = UsageEvent(
                meter: .shots,
                backend: Backend(known: "simulator"),
                quantity: cents,
                price: price,
                occurredAt: UnitStore.noon
            )
            _ = try batch.add(event, db)
            try batch.finish(db)
        }
    }

    private func pay(_ cents: Int64, _ id: String) throws {
        let account = owner.account
        try unit.store.writeBlocking { db in
            _ = try Payments.receive(Cents(cents), .usd, from: account, providerID: id, at: UnitStore.noon, db)
        }
    }

    /// The subjects of the mails that wait.
    private var mails: [String] {
        get throws {
            try unit.store.read { db in
                try OutboxRows.waiting(.mail, atMost: 50, db).compactMap { $0.payload["subject"]?.string }
            }
        }
    }

    private var standing: CreditRules.Rule {
        get throws { try require(try unit.store.read { [owner] db in try CreditRules.find(owner.account, db) }) }
    }

    /// What would be charged, and how it goes.
    private func review(
        hours: Int64 = 0,
        _ outcome: LowCredit.Outcome = .charged
    ) async throws -> [Int64] {
        var charged: [Int64] = []
        try await LowCredit.review(try unit.app(at: UnitStore.noon.adding(seconds: hours * 3600))) { _, amount, _ in
            charged.append(amount.value)
            return outcome
        }
        return charged
    }

    private var findings: [String] {
        get throws { try unit.store.read { db in try LedgerCheck.run(db) } }
    }

    @Test("is told once a crossing, and again after there was enough")
    func alert() async throws {
        try rule(alert: 5_00)
        _ = try await review()
        #expect(try mails == [])
        try spend(5_00)
        _ = try await review()
        #expect(try mails == [])
        try spend(1)
        for _ in 0..<3 { _ = try await review() }
        #expect(try mails == ["Your credit is below 5.00 USD"])
        try pay(10_00, "pi_1")
        _ = try await review()
        try spend(10_00)
        for _ in 0..<3 { _ = try await review() }
        #expect(try mails.count == 2)
        #expect(try findings == [])
    }

    @Test("is topped up once at a time, until the credit has come")
    func topUp() async throws {
        try rule(below: 5_00)
        #expect(try await review() == [])
        try spend(6_00)
        #expect(try await review(hours: 0, .unknown) == [50_00])
        #expect(try await review() == [])
        #expect(try standing.topUpSince != nil)
        try pay(50_00, "pi_1")
        #expect(try standing.topUpSince == nil)
        #expect(try await review() == [])
        try spend(50_00)
        #expect(try await review() == [])
        #expect(try await review(hours: 1) == [50_00])
        #expect(try standing.topUps == 2)
        #expect(try standing.topUpSince == nil)
        #expect(try await review(hours: 1) == [])
        #expect(try findings == [])
    }

    @Test("is topped up no more often in a month than was allowed")
    func atMost() async throws {
        try rule(below: 50_00, amount: 1_00, atMost: 2)
        for number: Int64 in 0..<4 {
            #expect(try await review(hours: number) == (number < 2 ? [1_00] : []))
        }
        #expect(try await review(hours: 24 * 31) == [1_00])
    }

    @Test("is not topped up any more after three failures, which is mailed once, until the rule is set again")
    func failures() async throws {
        try rule(below: 50_00)
        #expect(try await review(hours: 0, .failed("The card was declined")).count == 1)
        #expect(try await review(hours: 0, .failed("The card was declined")).count == 0)
        #expect(try await review(hours: 1, .failed("The card was declined")).count == 1)
        #expect(try mails == [])
        #expect(try await review(hours: 2, .failed("The card has expired")).count == 1)
        for hours: Int64 in 3..<6 { #expect(try await review(hours: hours) == []) }
        #expect(try mails == ["Automatic top-ups are switched off"])
        #expect(try standing.isOff)
        #expect(try standing.error == "The card has expired")
        try rule(below: 50_00)
        #expect(try await review(hours: 6).count == 1)
    }

    @Test("counts a top-up that nobody heard of for a day as failed")
    func lost() async throws {
        try rule(below: 50_00)
        #expect(try await review(hours: 0, .unknown).count == 1)
        #expect(try await review(hours: 23).count == 0)
        #expect(try await review(hours: 24).count == 0)
        #expect(try standing.failures == 1)
        #expect(try await review(hours: 25).count == 1)
    }

    @Test("is nobody's concern who set no rule")
    func noRule() async throws {
        try spend(10_00)
        #expect(try await review() == [])
        #expect(try mails == [])
    }
}
