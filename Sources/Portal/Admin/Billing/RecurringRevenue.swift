/// Recurring fees as what they come to in a year, in minor units: exact for every interval, and what is shown by the
/// month is rounded once, at the end.
struct RecurringRevenue: Sendable, Hashable {
    var yearly: Int64 = 0

    /// A twelfth, to the nearest minor unit.
    var monthly: Int64 {
        get throws { try Rounding.nearest(Int128(yearly), over: 12, step: 1) }
    }

    mutating func add(_ yearly: Int64) throws {
        self.yearly = try self.yearly.plus(yearly)
    }
}

/// A version of a plan's prices, as reports count it.
struct RecurringPrice: Sendable {
    let id: Int64
    let plan: ReportedPlan
    let interval: String
    let currency: Currency
    /// What its fees come to in a period, before discounts and taxes.
    let fee: Int64

    /// A year has 52 weeks.
    static func periods(of interval: String) -> Int64 {
        switch interval {
        case "week": 52
        case "year": 1
        default: 12
        }
    }

    var yearly: Int64 {
        get throws { try fee.times(Self.periods(of: interval)) }
    }

    /// What discounts take off its fee in a year; each takes of what those before it have left.
    func yearlyDiscount(_ discounts: [Discount]) throws -> Int64 {
        var left = fee
        for discount in discounts { left = try left.minus(discount.reduction(of: Money(left, currency))) }
        return try fee.minus(left).times(Self.periods(of: interval))
    }
}

struct ReportedPlan: Sendable, Hashable {
    let id: Int64
    let code: String
    let name: String
    let family: String

    /// The code without its family, as clients of that family know it: `growth`.
    var tier: String {
        code.hasPrefix("\(family)_") ? String(code.dropFirst(family.count + 1)) : code
    }
}
