import Storage
import Web

/// What an operator asks to have simulated.
struct SimulationQuery: Codable, Sendable {
    static let mostDays = 1100

    /// A draft, as plans are written.
    let prices: PlanPrices?
    /// Or a plan that there is, in `currency` (dollars unless told).
    let plan: Text<1, 64>?
    let currency: Currency?
    /// How often the draft's fees are due; month unless told.
    let interval: PresentPrices.Interval?
    /// Both are part of it; unless told, the last three whole months.
    let from: Day?
    let to: Day?
    /// Everybody unless told.
    let accountIDs: [Int64]?

    enum CodingKeys: String, CodingKey {
        case prices, plan, currency, interval, from, to
        case accountIDs = "account_ids"
    }

    /// - Throws: ``Failure`` 400, 404.
    func simulation(at now: Timestamp, _ db: borrowing Database) throws -> Simulation {
        guard (accountIDs?.count ?? 0) <= 10_000 else { throw Failure.invalid("account_ids", "must be at most 10000") }
        let interval = interval ?? .month
        return Simulation(
            prices: try chosen(every: interval, at: now, db),
            interval: interval,
            days: try Self.days(from, to, at: now)
        )
    }

    private func chosen(
        every interval: PresentPrices.Interval,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> PlanPrices {
        switch (prices, plan) {
        case (let prices?, nil): return prices
        case (nil, let plan?):
            let currency = currency ?? .usd
            guard try Plans.find(code: plan.value, db) != nil else { throw Failure.notFound("Plan not found") }
            guard let prices = try PresentPrices.offered(plan: plan.value, in: currency, every: interval, at: now, db)
            else {
                throw Failure.invalid("plan", "has no price in \(currency.code) by the \(interval.rawValue)")
            }
            return prices
        default: throw Failure.invalid("prices", "or else a plan is required, and not both")
        }
    }

    static func days(_ from: Day?, _ to: Day?, at now: Timestamp) throws -> ClosedRange<Day> {
        let last = to ?? Day(number: now.month.firstDay.number - 1)
        let first = from ?? months(3, upTo: last)
        guard first <= last else { throw Failure.invalid("from", "must not be after to") }
        guard last.number - first.number < mostDays else {
            throw Failure.invalid("from", "must lie within \(mostDays) days of to")
        }
        return first...last
    }

    /// The first day of so many months that end with the one of `day`.
    static func months(_ count: Int, upTo day: Day) -> Day {
        (1..<count).reduce(day.month.firstDay) { first, _ in Day(number: first.number - 1).month.firstDay }
    }
}

/// One account before and after.
struct SimulatedAccount: Codable, Sendable {
    let accountID: Int64
    let name: String
    let before: Amount
    let after: Amount
    let difference: Amount

    enum CodingKeys: String, CodingKey {
        case name, before, after, difference
        case accountID = "account_id"
    }

    init(_ outcome: Simulation.Outcome, in currency: Currency) throws {
        (accountID, name) = (outcome.account.id, outcome.account.name)
        before = Amount(Money(outcome.before, currency))
        after = Amount(Money(outcome.after, currency))
        difference = Amount(Money(try outcome.difference, currency))
    }
}

/// `POST /api/v1/admin/simulate`: what everybody's real past use would have cost under a draft, in all and for those
/// whom it concerns most. ``ExportSimulation`` has all of them.
struct Simulate: Endpoint {
    static let mostShown = 100

    struct Answer: JSONOutput {
        let currency: String
        let interval: PresentPrices.Interval
        let from: Day
        let to: Day
        /// What the figures do not say.
        let note: Nullable<String>
        /// How many were rated, and how many were not: billed in another currency, or younger than these days.
        let accounts: Int
        let leftOut: Int
        let before: Amount
        let after: Amount
        let difference: Amount
        /// The largest differences first, 100 at most.
        let data: [SimulatedAccount]

        enum CodingKeys: String, CodingKey {
            case currency, interval, from, to, note, accounts, before, after, difference, data
            case leftOut = "left_out"
        }
    }

    static func handle(_ input: SimulationQuery, by caller: Caller, in app: App) async throws -> Answer {
        let now = app.now()
        let simulation = try app.store.read { db in try input.simulation(at: now, db) }
        var (before, after, accounts, leftOut) = (Int64(0), Int64(0), 0, 0)
        var largest: [(size: UInt64, shown: SimulatedAccount)] = []
        try await app.simulations.run(simulation, accounts: input.accountIDs, in: app) { outcomes, others in
            accounts += outcomes.count
            leftOut += others
            for outcome in outcomes {
                (before, after) = (try before.plus(outcome.before), try after.plus(outcome.after))
                let shown = try SimulatedAccount(outcome, in: simulation.currency)
                largest.append((try outcome.difference.magnitude, shown))
            }
            largest.sort { ($0.size, $1.shown.accountID) > ($1.size, $0.shown.accountID) }
            largest.removeLast(max(0, largest.count - mostShown))
        }
        let amount = { (minor: Int64) in Amount(Money(minor, simulation.currency)) }
        return Answer(
            currency: simulation.currency.code,
            interval: simulation.interval,
            from: simulation.days.lowerBound,
            to: simulation.days.upperBound,
            note: Nullable(simulation.note),
            accounts: accounts,
            leftOut: leftOut,
            before: amount(before),
            after: amount(after),
            difference: amount(try after.minus(before)),
            data: largest.map(\.shown)
        )
    }
}

/// `POST /api/v1/admin/simulate.csv`: every account that was rated, by its id.
struct ExportSimulation: Endpoint {
    static func handle(_ input: SimulationQuery, by caller: Caller, in app: App) async throws -> CSVFile {
        let now = app.now()
        let simulation = try app.store.read { db in try input.simulation(at: now, db) }
        return CSVFile("simulation-\(now.day.text).csv") { write in
            try write(CSV.line(["account_id", "name", "before", "after", "difference", "currency"]))
            try await app.simulations.run(simulation, accounts: input.accountIDs, in: app) { outcomes, _ in
                try write(
                    try outcomes.reduce(into: []) { bytes, outcome in
                        let row = try SimulatedAccount(outcome, in: simulation.currency)
                        bytes += CSV.line([
                            "\(row.accountID)", row.name, row.before.text, row.after.text, row.difference.text,
                            simulation.currency.code,
                        ])
                    }
                )
            }
        }
    }
}
