import Storage

/// Rates what accounts used in the past under a draft of a plan's prices, beside what they are billed by now.
///
/// Before is what uses cost by their backends and what the account's present plan asks for; after is what the draft
/// asks for and what those uses cost that it does not price. Periods are the calendar's; those at the ends, and the one
/// that the account was made in, count in part as far as an item says so.
struct Simulation: Sendable {
    /// As its members go into answers: in minor units of the draft's currency.
    struct Outcome: Sendable {
        let account: Accounts.Account
        let before: Int64
        let after: Int64
        /// What the draft comes to by period, without what it does not price.
        let periods: [(days: ClosedRange<Day>, amount: Int64)]

        /// - Throws: ``PricingFault/tooLarge``.
        var difference: Int64 { get throws { try after.minus(before) } }
    }

    let prices: PlanPrices
    let interval: PresentPrices.Interval
    let days: ClosedRange<Day>

    var currency: Currency { prices.currency }

    /// Prices by backend are in dollars: in other currencies they count as nothing, before and after.
    var note: String? {
        currency == .usd ? nil : "Uses have no price by backend in \(currency.code): what they cost by it is left out"
    }

    /// - Returns: nil for an account that is billed in another currency, or is younger than the days.
    /// - Throws: ``PricingFault``.
    func outcome(of account: Accounts.Account, at now: Timestamp, _ db: borrowing Database) throws -> Outcome? {
        let first = max(days.lowerBound, account.createdAt.day)
        guard Currency(account.currency) == currency, first <= days.upperBound else { return nil }
        let own = first...days.upperBound
        let use = try PastUse(of: account.id, own, db)
        var before = try backendCost(try use.backendMicros(in: own))
        if let present = try PresentPrices.find(of: account.id, at: now, db), present.prices.currency == currency {
            for period in try Self.rate(use, present, own) { before = try before.plus(period.amount) }
        }
        let draft = try Self.rate(use, PresentPrices(prices: prices, interval: interval), own)
        var after = try backendCost(try use.backendMicros(apartFrom: prices, in: own))
        for period in draft { after = try after.plus(period.amount) }
        return Outcome(account: account, before: before, after: after, periods: draft)
    }

    private func backendCost(_ micros: Int64) throws -> Int64 {
        currency == .usd ? Dollars(micros: micros).cents.value : 0
    }

    private static func rate(
        _ use: PastUse,
        _ terms: PresentPrices,
        _ days: ClosedRange<Day>
    ) throws -> [(days: ClosedRange<Day>, amount: Int64)] {
        try BillingPeriods.list(terms.interval, in: days).map { period in
            let quantities = try use.quantities(for: terms.prices, in: period.days)
            let lines = try Pricing.lines(of: quantities, under: terms.prices, for: try period.part)
            return (period.days, try lines.reduce(Int64(0)) { try $0.plus($1.amount) })
        }
    }
}
