import Storage

/// The calls of a month so far, an account's or one of its apps', beside what its plan allows. The count is the one
/// that limits are enforced on.
struct CallUsage: Sendable {
    let used: Int64
    /// The app's own where it has one, else the plan's; nil: none.
    let limit: Int64?
    /// Calls beyond the plan's limit.
    let overage: Int64
    /// Past what a plan bills beyond its limit: further calls are refused.
    let isSuspended: Bool
    /// What the plan asks for by the month, and what the calls beyond its limit come to.
    let estimatedCost: Dollars

    init(of scope: ReportScope, in app: App, at now: Timestamp, _ db: borrowing Database) throws {
        let (account, month) = (scope.accountID, now.month)
        let limits = try CallLimits.find(accountID: account, appID: scope.app?.id, in: month, db)
        let cell: Calls.Cell = scope.app.map { .app($0.id) } ?? .account(account)
        used = try app.calls.used(cell, ofAccount: account, in: month, at: now, db)
        limit = limits.app ?? limits.plan
        overage = limits.plan.map { [used] in max(0, used - $0) } ?? 0
        isSuspended = limits.plan.map { [used] in $0 > 0 && used >= CallLimits.suspension(of: $0) } ?? false
        let fee = try Self.monthlyFeeMicros(of: account, at: now, db)
        let (beyond, overflows) = overage.multipliedReportingOverflow(by: limits.overageMicros ?? 0)
        let (cost, isTooMuch) = fee.addingReportingOverflow(beyond)
        estimatedCost = Dollars(micros: overflows || isTooMuch ? .max : cost)
    }

    /// Percent of the limit, to two decimals; 0 without one.
    var percentage: Double { limit.map { Percent.of(used, in: $0) } ?? 0 }

    func reaches(percent: Int64) -> Bool {
        guard let limit, limit > 0 else { return false }
        return Int128(used) * 100 >= Int128(limit) * Int128(percent)
    }

    /// Millionths of the account's currency, also of who pays by the year.
    private static func monthlyFeeMicros(
        of accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Int64 {
        let present = try PresentPrices.find(of: accountID, at: now, db)
        if let present, present.interval == .month { return try micros(present.prices) }
        guard let plan = try Plans.find(ofAccount: accountID, db) else { return 0 }
        let currency = try Accounts.currency(of: accountID, db)
        let prices = try PresentPrices.offered(plan: plan.code, in: currency, every: .month, at: now, db)
        return try prices.map(micros) ?? 0
    }

    private static func micros(_ prices: PlanPrices) throws -> Int64 {
        try prices.fee.times(prices.currency.microsPerMinor)
    }
}

/// The same as pages draw it.
struct CallGauge: Codable, Sendable {
    let current: Int64
    /// 0: there is none.
    let limit: Int64
    /// Of the limit, to two decimals.
    let percentage: Double

    init(_ usage: CallUsage) {
        (current, limit, percentage) = (usage.used, usage.limit ?? 0, usage.percentage)
    }
}
