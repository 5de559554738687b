import Storage
import Web

/// `POST /api/v1/simulate`: what the caller's own account would have paid on another plan in its last whole months.
struct SimulateOwn: Endpoint {
    struct Input: Codable, Sendable {
        let plan: Text<1, 64>
        /// How often the plan's fees are due; month unless told.
        let interval: PresentPrices.Interval?
        /// 3 unless told.
        let months: Whole<1, 12>?
    }

    struct Period: Codable, Sendable {
        let from: Day
        let to: Day
        /// What the plan comes to; uses that it does not price are in `after` alone.
        let amount: Amount
    }

    struct Answer: JSONOutput {
        let plan: String
        let interval: PresentPrices.Interval
        let currency: String
        let from: Day
        let to: Day
        let note: Nullable<String>
        let before: Amount
        let after: Amount
        let difference: Amount
        let periods: [Period]
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let (store, now) = (app.store, app.now())
        return try await OwnThread.run(named: "purser-simulate") {
            try store.read { db in
                guard let account = try Accounts.find(accountID, db) else { throw Failure.notFound() }
                return try answer(input, account, at: try Accounts.time(of: accountID, at: now, db), db)
            }
        }
    }

    private static func answer(
        _ input: Input,
        _ account: Accounts.Account,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Answer {
        let currency = try Accounts.currency(of: account.id, db)
        let last = Day(number: now.month.firstDay.number - 1)
        let query = SimulationQuery(
            prices: nil,
            plan: input.plan,
            currency: currency,
            interval: input.interval,
            from: SimulationQuery.months(Int(input.months?.value ?? 3), upTo: last),
            to: last,
            accountIDs: nil
        )
        let simulation = try query.simulation(at: now, db)
        // An account that is younger than this has used, and paid, nothing.
        let outcome = try simulation.outcome(of: account, at: now, db)
        let (before, after) = (outcome?.before ?? 0, outcome?.after ?? 0)
        let amount = { (minor: Int64) in Amount(Money(minor, currency)) }
        return Answer(
            plan: input.plan.value,
            interval: simulation.interval,
            currency: currency.code,
            from: simulation.days.lowerBound,
            to: simulation.days.upperBound,
            note: Nullable(simulation.note),
            before: amount(before),
            after: amount(after),
            difference: amount(try after.minus(before)),
            periods: (outcome?.periods ?? []).map { period in
                Period(from: period.days.lowerBound, to: period.days.upperBound, amount: amount(period.amount))
            }
        )
    }
}
