/// Where revenue comes from, and what takes it back. Together the sources are all of the ledger's revenue side.
enum RevenueSource: Sendable, CaseIterable {
    /// What was recorded at prices of its own, less coupons on it.
    case usage
    /// What plans ask for: fees, and use by their items.
    case plans
    /// Credit that was paid for and expired.
    case breakage
    case creditNotes
    /// What refunds took that no credit was left for.
    case refunds
    /// Taxes that are part of the prices.
    case taxes

    /// Nil for entries that do not touch revenue.
    init?(_ row: LedgerMonths.Row) {
        guard row.debit == .revenue || row.credit == .revenue else { return nil }
        let other = row.debit == .revenue ? row.credit : row.debit
        switch (row.reason, other) {
        case ("credit note", _): self = .creditNotes
        case ("credit expired", _): self = .breakage
        case (_, .receivable): self = .plans
        case (_, .tax): self = .taxes
        case (_, .cash): self = .refunds
        default: self = .usage
        }
    }
}

/// What has happened to money in one month, in minor units of one currency, from the ledger.
struct MonthOfMoney: Sendable {
    var revenue: [RevenueSource: Int64] = [:]
    var revenueByPlan: [Int64: Int64] = [:]
    var collected: Int64 = 0
    var refunded: Int64 = 0
    /// Withdrawn by disputes, less what came back.
    var disputed: Int64 = 0
    /// Written off, or lost in disputes.
    var lost: Int64 = 0
    /// Taxes asked for, less those given back.
    var tax: Int64 = 0
    /// Credit given away, less what expired of it.
    var promotion: Int64 = 0

    var total: Int64 { revenue.values.reduce(0, &+) }

    mutating func add(_ row: LedgerMonths.Row, _ amount: Int64) throws {
        if let source = RevenueSource(row) {
            let earned = row.credit == .revenue ? amount : -amount
            revenue[source] = try (revenue[source] ?? 0).plus(earned)
            revenueByPlan[row.planID] = try (revenueByPlan[row.planID] ?? 0).plus(earned)
        }
        func moved(_ side: Ledger.Side) -> Int64 { row.debit == side ? amount : row.credit == side ? -amount : 0 }
        switch row.reason {
        case "refund": refunded = try refunded.minus(moved(.cash))
        case "dispute": disputed = try disputed.minus(moved(.cash))
        default: collected = try collected.plus(moved(.cash))
        }
        lost = try lost.plus(moved(.loss))
        tax = try tax.minus(moved(.tax))
        promotion = try promotion.plus(moved(.promotion))
    }
}
