import Storage
import Web

/// An account's calls of this month, and what the month comes to by them (contract, section 2: usage statistics).
struct MonthOfCalls: Sendable {
    let calls: Int64
    /// Of the plan; nil: none.
    let limit: Int64?
    let overage: Int64
    /// The plan's monthly price and that of the calls beyond it.
    let estimatedCost: Dollars

    init(of accountID: Int64, at now: Timestamp, in app: App, _ db: borrowing Database) throws {
        let limits = try CallLimits.find(accountID: accountID, appID: nil, in: now.month, db)
        calls = try app.calls.used(.account(accountID), ofAccount: accountID, in: now.month, at: now, db)
        limit = limits.plan
        overage = max(0, calls - (limits.plan ?? calls))
        let monthly = try Self.monthlyPrice(of: accountID, at: now, db)
        let beyond = try overage.times(limits.overageMicros ?? 0)
        estimatedCost = Dollars(micros: try monthly.micros.plus(beyond))
    }

    /// What its subscription asks for by the month, or its plan would; of a year's the monthly price beside it.
    private static func monthlyPrice(
        of accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Dollars {
        let currency = try Accounts.currency(of: accountID, db)
        let live = try Subscriptions.live(of: accountID, db)
        let version =
            if let live, live.interval == .month {
                live.version as PlanVersions.Version?
            } else if let plan = try Plans.find(ofAccount: accountID, db) {
                try PlanVersions.inForce(of: plan.id, currency, .month, at: now, db)
            } else { nil as PlanVersions.Version? }
        return Dollars(micros: try (version?.prices.fee ?? 0).times(currency.microsPerMinor))
    }
}
