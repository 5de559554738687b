import Storage
import Web

/// An account's budget and how the month stands against it.
struct BudgetAnswer: JSONOutput {
    /// Dollars a month; null: none is set.
    let amount: Nullable<Dollars>
    /// Whether use past it is refused. What has happened is recorded and billed all the same.
    let stops: Bool
    let spent: Dollars
    /// Never below nothing.
    let remaining: Nullable<Dollars>
    let percent: Nullable<Int64>
    /// As `2026-02`.
    let month: String

    init(_ budget: Budgets.Budget?, account id: Int64, in month: Month, _ db: borrowing Database) throws {
        spent = try UsageRollups.cost(of: month, account: id, db)
        amount = Nullable(budget?.amount.dollars)
        stops = budget?.stops ?? false
        remaining = Nullable(budget.map { [spent] in Dollars(micros: max(0, $0.micros - spent.micros)) })
        percent = Nullable(budget.map { [spent] in UsageAlerts.percent(spent.micros, of: $0.micros) })
        self.month = month.text
    }
}

/// `GET /api/v1/budget`.
struct ShowBudget: Endpoint {
    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> BudgetAnswer {
        let accountID = try caller.requireHolder().accountID
        let month = app.now().month
        return try app.store.read { db in
            try BudgetAnswer(try Budgets.find(accountID, db), account: accountID, in: month, db)
        }
    }
}

/// `PUT /api/v1/budget`: what the account is willing to spend in a calendar month (UTC), from the next use on.
struct SetBudget: Endpoint {
    static let most = Dollars(micros: UsageBatch.mostMicros)

    struct Input: Codable, Sendable {
        let amount: Dollars
        let stops: Bool?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> BudgetAnswer {
        let accountID = try caller.requireHolder().accountID
        guard (0...most.micros).contains(input.amount.micros), input.amount.cents.dollars == input.amount else {
            throw Failure.invalid("amount", "must be dollars and cents, from 0 to \(most.text)")
        }
        let budget = Budgets.Budget(amount: input.amount.cents, stops: input.stops ?? false)
        let now = app.now()
        return try await app.store.write { db in
            try Budgets.set(budget, of: accountID, at: now, db)
            try Audit.record(
                .budgetChanged,
                by: caller,
                account: accountID,
                target: "account:\(accountID)",
                detail: [.init("amount", .string(input.amount.text)), .init("stops", .bool(budget.stops))],
                at: now,
                db
            )
            try UsageAlerts.review(account: accountID, at: now, db)
            return try BudgetAnswer(budget, account: accountID, in: now.month, db)
        }
    }
}

/// `DELETE /api/v1/budget`: there is none any more; that there was none is no mistake.
struct RemoveBudget: Endpoint {
    struct Answer: JSONOutput {
        let deleted: Bool
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try await app.store.write { db in
            guard try Budgets.delete(of: accountID, db) else { return Answer(deleted: true) }
            let target = "account:\(accountID)"
            try Audit.record(.budgetRemoved, by: caller, account: accountID, target: target, at: now, db)
            try UsageAlerts.review(account: accountID, at: now, db)
            return Answer(deleted: true)
        }
    }
}
