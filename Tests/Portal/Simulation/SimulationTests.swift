import Storage
import Testing
import Web

@testable import Portal

@Suite("A simulation")
struct SimulationTests {
    let unit: UnitStore
    let owner: UnitStore.Identities

    init() throws {
        unit = try UnitStore()
        owner = try unit.account("owner")
    }

    private static func day(_ month: Int, _ day: Int) -> Day { Day(year: 2026, month: month, day: day) }

    private func use(_ quantity: Int64, on day: Day, _ meter: Meter = .shots, micros: Int64 = 3_000_000) throws {
        let owner = owner
        try unit.store.writeBlocking { db in
            let moment = Timestamp(day: day).adding(seconds: 3600)
            var batch = UsageBatch(
                accountID: owner.account,
                keyID: owner.key,
                usageMicros: try Accounts.usageMicros(of: owner.account, db),
                now: moment,
                threshold: Cents(1_000_000_00),
                meterReports: nil
            )
            let event = UsageEvent(
                meter: meter,
                backend: Backend(known: "ibm_torino"),
                quantity: quantity,
                price: Prices.Price(unitMicros: micros, isSimulator: false),
                occurredAt: moment
            )
            _ = try batch.add(event, db)
            try batch.finish(db)
        }
    }

    private func outcome(
        _ items: [PlanPrices.Item],
        _ interval: PresentPrices.Interval = .month,
        _ days: ClosedRange<Day>,
        in currency: Currency = .usd
    ) throws -> Simulation.Outcome? {
        let simulation = Simulation(
            prices: try PlanPrices(currency: currency, items: items),
            interval: interval,
            days: days
        )
        return try unit.store.read { [owner] db in
            let account = try require(try Accounts.find(owner.account, db))
            return try simulation.outcome(of: account, at: UnitStore.noon, db)
        }
    }

    private static let fee = PlanPrices.Item(name: "base", model: .flat(UnitPrice(micros: 10_000_000)))
    private static let shots = PlanPrices.Item(
        name: "shots",
        meter: "shots",
        model: .perUnit(UnitPrice(micros: 1_000_000)),
        included: 5
    )
    private static let credits = PlanPrices.Item(
        name: "credits",
        meter: "credits",
        model: .perUnit(UnitPrice(micros: 500_000))
    )

    @Test("puts a draft's fees and prices in the place of what uses cost by their backends")
    func shots() throws {
        try use(3, on: Self.day(1, 10))
        try use(9, on: Self.day(2, 10))
        try use(50, on: Self.day(3, 1))
        let result = try require(try outcome([Self.fee, Self.shots], .month, Self.day(1, 1)...Self.day(2, 28)))
        #expect(result.before == 36_00)
        #expect(result.after == 24_00)
        #expect(try result.difference == -12_00)
        #expect(result.periods.map(\.amount) == [10_00, 14_00])
    }

    @Test("leaves what the draft does not price as it was")
    func unpriced() throws {
        try use(2, on: Self.day(1, 10))
        try use(8, on: Self.day(1, 11), .embedding, micros: 0)
        try use(4, on: Self.day(1, 12), .inferences, micros: 10_000)
        let result = try require(try outcome([Self.credits], .month, Self.day(1, 1)...Self.day(1, 31)))
        #expect(result.before == 6_04)
        #expect(result.after == 12_00)
    }

    @Test("counts the ends of the range in part")
    func parts() throws {
        let result = try require(try outcome([Self.fee], .month, Self.day(1, 22)...Self.day(2, 14)))
        #expect(result.periods.map(\.amount) == [3_23, 5_00])
        let weeks = try require(try outcome([Self.fee], .week, Self.day(3, 2)...Self.day(3, 15)))
        #expect(weeks.periods.map(\.amount) == [10_00, 10_00])
        let year = try require(try outcome([Self.fee], .year, Self.day(1, 1)...Self.day(3, 31)))
        #expect(year.periods.map(\.amount) == [2_47])
    }

    @Test("asks nothing for days before the account was made")
    func young() throws {
        let made = UnitStore.noon.adding(days: -400).day
        let before = Day(number: made.number - 40)...Day(number: made.number - 10)
        #expect(try outcome([Self.fee], .month, before) == nil)
        let around = Day(number: made.number - 40)...made
        #expect(try require(try outcome([Self.fee], .week, around)).periods.count == 1)
    }

    @Test("is of the accounts in its own currency only, and says what has no price there")
    func currency() throws {
        let euro = try require(Currency("eur"))
        #expect(try outcome([Self.fee], .month, Self.day(1, 1)...Self.day(1, 31), in: euro) == nil)
        let simulation = Simulation(
            prices: PlanPrices(free: euro),
            interval: .month,
            days: Self.day(1, 1)...Self.day(1, 2)
        )
        #expect(simulation.note?.contains("no price by backend in eur") == true)
    }

    @Test("cuts any range into periods that follow each other and are whole but at the ends")
    func periods() {
        var dice = SeededDice(for: "Billing periods")
        for _ in 0..<500 {
            let first = dice.roll(18_000...24_000)
            let days = Day(number: first)...Day(number: first + dice.roll(0...900))
            for interval in PresentPrices.Interval.allCases {
                let periods = BillingPeriods.list(interval, in: days)
                #expect(periods.first?.days.lowerBound == days.lowerBound)
                #expect(periods.last?.days.upperBound == days.upperBound)
                for (one, next) in zip(periods, periods.dropFirst()) {
                    #expect(one.days.upperBound.number + 1 == next.days.lowerBound.number)
                }
                for period in periods.dropFirst().dropLast() { #expect((try? period.part.isWhole) == true) }
                #expect(periods.allSatisfy { (try? $0.part) != nil })
            }
        }
    }

    @Test("runs for everybody, two at once at most")
    func everybody() async throws {
        for number in 0..<230 { _ = try unit.account("p\(number)") }
        try use(3, on: Self.day(1, 10))
        let app = try unit.app()
        let simulation = Simulation(
            prices: try PlanPrices(currency: .usd, items: [Self.fee, Self.shots]),
            interval: .month,
            days: Self.day(1, 1)...Self.day(1, 31)
        )
        var (accounts, before) = (0, Int64(0))
        try await app.simulations.run(simulation, accounts: nil, in: app) { outcomes, _ in
            accounts += outcomes.count
            before += outcomes.reduce(0) { $0 + $1.before }
        }
        #expect((accounts, before) == (231, 9_00))
        await #expect(throws: Failure.self) {
            try await app.simulations.run(simulation, accounts: [999_999], in: app) { _, _ in }
        }
        var named = 0
        try await app.simulations.run(simulation, accounts: [3, 2, 2], in: app) { outcomes, _ in
            named += outcomes.count
        }
        #expect(named == 2)
    }
}
