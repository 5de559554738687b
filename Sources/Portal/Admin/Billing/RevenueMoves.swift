/// How recurring revenue and the customers who pay it have changed in a month, before discounts.
///
/// It is told by amounts alone: who paid nothing before and something now is new, or back again; who pays nothing any
/// more has gone. A trial pays nothing.
struct RevenueMoves: Sendable, Equatable {
    var new = RecurringRevenue()
    var reactivated = RecurringRevenue()
    var expansion = RecurringRevenue()
    var contraction = RecurringRevenue()
    var churned = RecurringRevenue()
    var newCustomers: Int64 = 0
    var reactivatedCustomers: Int64 = 0
    var churnedCustomers: Int64 = 0

    /// A step of a subscription.
    struct Step: Sendable {
        let subscriptionID: Int64
        let kind: String
        let fromPriceID: Int64?
        let toPriceID: Int64?
        let happenedAt: Timestamp
        let trialEnd: Timestamp?
        /// Whether the account had a subscription before this one.
        let isReturning: Bool
    }

    var net: Int64 {
        get throws {
            try new.yearly.plus(reactivated.yearly).plus(expansion.yearly).minus(contraction.yearly)
                .minus(churned.yearly)
        }
    }

    var netCustomers: Int64 { newCustomers + reactivatedCustomers - churnedCustomers }

    mutating func add(from before: Int64, to after: Int64, isReturning: Bool) throws {
        if before == 0, after > 0 {
            if isReturning {
                try reactivated.add(after)
                reactivatedCustomers += 1
            } else {
                try new.add(after)
                newCustomers += 1
            }
        } else if before > 0, after == 0 {
            try churned.add(before)
            churnedCustomers += 1
        } else if after > before {
            try expansion.add(try after.minus(before))
        } else if before > after {
            try contraction.add(try before.minus(after))
        }
    }

    struct Cell: Hashable {
        let month: Month
        let currency: Currency
    }

    /// Steps in the order in which they happened, added up by month.
    static func add(_ steps: [Step], at prices: [Int64: RecurringPrice]) throws -> [Cell: RevenueMoves] {
        var moves: [Cell: RevenueMoves] = [:]
        // What each subscription paid after its last step, so that a change and a renewal that tell of the same new
        // price count it once.
        var paying: [Int64: Int64] = [:]
        for step in steps {
            guard let price = (step.toPriceID ?? step.fromPriceID).flatMap({ prices[$0] }) else { continue }
            let isTrial = step.kind != "trial_ended" && step.trialEnd.map { step.happenedAt <= $0 } ?? false
            let pays = step.kind != "canceled" && !isTrial
            let paid = step.kind != "started" && step.kind != "trial_ended" && !isTrial
            let from = try paid ? step.fromPriceID.flatMap { prices[$0] }?.yearly ?? 0 : 0
            let before = paying[step.subscriptionID] ?? from
            let after = pays ? try price.yearly : 0
            paying[step.subscriptionID] = after
            let cell = Cell(month: step.happenedAt.month, currency: price.currency)
            try moves[cell, default: RevenueMoves()].add(from: before, to: after, isReturning: step.isReturning)
        }
        return moves
    }
}
