import Storage

/// How an account stands with one meter this month: the row that limits are enforced on, and shown from.
struct Quota: Sendable {
    let meter: Meter
    let plan: String
    let isPrepaid: Bool
    let simulatorsOnly: Bool
    let isActive: Bool
    /// An unpaid invoice leaves it what is free.
    var isRestricted = false
    let limit: Int64?
    let used: Int64
    let usageMicros: Int64
    let credit: Cents
    let hasCustomer: Bool
    var budget: Budgets.Budget?
    /// What this month costs so far, all meters together; read only where there is a budget.
    var monthMicros: Int64 = 0

    /// Nil without a limit; never negative, also where more was recorded than allowed.
    var remaining: Int64? { limit.map { max(0, $0 - used) } }

    enum Refusal: String, Sendable {
        case accountSuspended = "account_suspended"
        case accountRestricted = "account_restricted"
        case backendNotInPlan = "backend_not_in_plan"
        case quotaExceeded = "quota_exceeded"
        case insufficientFunds = "insufficient_funds"
        case budgetExceeded = "budget_exceeded"

        var reason: String {
            switch self {
            case .accountSuspended: "The account is suspended"
            case .accountRestricted: "An invoice of this account is unpaid: only what is free may be used"
            case .backendNotInPlan: "This plan covers simulators only"
            case .quotaExceeded: "The monthly limit of this plan is reached"
            case .insufficientFunds: "The balance does not cover this use"
            case .budgetExceeded: "The budget of this account for the month does not cover this use"
            }
        }

        var isMendedByUpgrade: Bool {
            self != .accountSuspended && self != .accountRestricted && self != .budgetExceeded
        }
    }

    /// Why `quantity` more may not be used now; nil when it may.
    func refusal(of quantity: Int64, at price: Prices.Price) -> Refusal? {
        if !isActive { return .accountSuspended }
        if isRestricted, price.cost(of: quantity).micros > 0 { return .accountRestricted }
        // Which machine it was is a question about shots.
        if meter == .shots, simulatorsOnly, !price.isSimulator { return .backendNotInPlan }
        if let remaining, quantity > remaining { return .quotaExceeded }
        if exceedsBudget(price.cost(of: quantity)) { return .budgetExceeded }
        guard isPrepaid else { return nil }
        // What was used is what clients reported, so the sum may pass 64 bits.
        let (total, overflows) = usageMicros.addingReportingOverflow(price.cost(of: quantity).micros)
        let isCovered = Dollars(micros: total).cents - Dollars(micros: usageMicros).cents <= credit
        return overflows || !isCovered ? .insufficientFunds : nil
    }

    /// What costs nothing passes any budget.
    private func exceedsBudget(_ cost: Dollars) -> Bool {
        guard let budget, budget.stops, cost.micros > 0 else { return false }
        let (month, overflows) = monthMicros.addingReportingOverflow(cost.micros)
        return overflows || month > budget.micros
    }
}

extension Quota {
    /// - Returns: nil when the key is gone or revoked.
    static func find(keyID: Int64, _ meter: Meter, in month: Month, _ db: borrowing Database) throws -> Quota? {
        try db.first(
            """
            SELECT p.code, p.is_prepaid, p.simulators_only,
                a.status = 'active' AND coalesce(a.restriction, '') <> 'suspended', l.quantity,
                coalesce(m.quantity, 0),
                a.usage_micros, coalesce(b.credits - b.debits, 0), a.stripe_customer_id IS NOT NULL, g.amount, g.stops,
                CASE WHEN g.amount IS NULL THEN 0 ELSE (
                    SELECT coalesce(sum(s.cost_micros), 0) FROM usage_month s
                    WHERE s.account_id = a.id AND s.month = ?) END, a.restriction IS NOT NULL
            FROM api_key k JOIN account a ON a.id = k.account_id JOIN plan p ON p.id = a.plan_id
            LEFT JOIN plan_limit l ON l.plan_id = p.id AND l.meter = ?
            LEFT JOIN usage_month m ON m.account_id = a.id AND m.month = ? AND m.meter = ?
            LEFT JOIN ledger_balance b ON b.account_id = a.id AND b.side = 'credit'
            LEFT JOIN budget g ON g.account_id = a.id
            WHERE k.id = ? AND k.revoked_at IS NULL
            """,
            month.number,
            meter.rawValue,
            month.number,
            meter.rawValue,
            keyID
        ) { row in quota(row, of: meter) }
    }

    static func find(accountID: Int64, _ meter: Meter, in month: Month, _ db: borrowing Database) throws -> Quota? {
        try db.first(
            """
            SELECT p.code, p.is_prepaid, p.simulators_only,
                a.status = 'active' AND coalesce(a.restriction, '') <> 'suspended', l.quantity,
                coalesce(m.quantity, 0),
                a.usage_micros, coalesce(b.credits - b.debits, 0), a.stripe_customer_id IS NOT NULL, g.amount, g.stops,
                CASE WHEN g.amount IS NULL THEN 0 ELSE (
                    SELECT coalesce(sum(s.cost_micros), 0) FROM usage_month s
                    WHERE s.account_id = a.id AND s.month = ?) END, a.restriction IS NOT NULL
            FROM account a JOIN plan p ON p.id = a.plan_id
            LEFT JOIN plan_limit l ON l.plan_id = p.id AND l.meter = ?
            LEFT JOIN usage_month m ON m.account_id = a.id AND m.month = ? AND m.meter = ?
            LEFT JOIN ledger_balance b ON b.account_id = a.id AND b.side = 'credit'
            LEFT JOIN budget g ON g.account_id = a.id
            WHERE a.id = ?
            """,
            month.number,
            meter.rawValue,
            month.number,
            meter.rawValue,
            accountID
        ) { row in quota(row, of: meter) }
    }

    private static func quota(_ row: borrowing Row, of meter: Meter) -> Quota {
        Quota(
            meter: meter,
            plan: row[0],
            isPrepaid: row[1],
            simulatorsOnly: row[2],
            isActive: row[3],
            isRestricted: row[12],
            limit: row[4],
            used: row[5],
            usageMicros: row[6],
            credit: Cents(row[7]),
            hasCustomer: row[8],
            budget: (row[9] as Int64?).map { Budgets.Budget(amount: Cents($0), stops: row[10]) },
            monthMicros: row[11]
        )
    }
}
