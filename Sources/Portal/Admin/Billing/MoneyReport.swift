import Storage

/// The house's money in one currency: what subscriptions bring, what the ledger says of each month, and what is open.
struct MoneyReport: Sendable {
    struct Plan: Sendable {
        let plan: ReportedPlan
        /// Paying or not.
        var subscriptions: Int64 = 0
        /// Before discounts.
        var recurring = RecurringRevenue()
    }

    let currency: Currency
    /// Before discounts.
    var recurring = RecurringRevenue()
    var discounts = RecurringRevenue()
    /// Live subscriptions that ask for something and are no trials.
    var customers: Int64 = 0
    var active: Int64 = 0
    var trialing: Int64 = 0
    var pastDue: Int64 = 0
    var plans: [Plan] = []
    /// The oldest first.
    var months: [Entry] = []
    var outstanding = InvoiceReport.Ages()
    var unbilled: Int64 = 0
    var creditLiability: Int64 = 0
    var earners: [(account: AccountReport.Name, amount: Int64)] = []

    struct Entry: Sendable {
        let month: Month
        var money = MonthOfMoney()
        var moves = RevenueMoves()
        /// What subscriptions brought in a year at its beginning and its end, before discounts, and who paid it.
        var opening = RecurringRevenue()
        var closing = RecurringRevenue()
        var openingCustomers: Int64 = 0
        var closingCustomers: Int64 = 0
    }

    /// - Parameter count: how many months, this one among them.
    /// - Returns: dollars first, then the other currencies that anything was posted or subscribed to in.
    static func all(months count: Int, at now: Timestamp, _ db: borrowing Database) throws -> [MoneyReport] {
        let last = now.month
        let first = (1..<count).reduce(last) { month, _ in month.previous }
        let prices = try SubscriptionReport.prices(db)
        var reports = try subscriptions(at: prices, db)
        let months = sequence(first: first) { $0 < last ? $0.next : nil }.map { Entry(month: $0) }
        for currency in try currencies(db) where reports[currency] == nil {
            reports[currency] = MoneyReport(currency: currency)
        }
        let span = Timestamp(day: first.firstDay)..<Timestamp(day: last.next.firstDay)
        let moves = try RevenueMoves.add(SubscriptionReport.steps(span, db), at: prices)
        let posted = try posted(first...last, db)
        let unbilled = try LedgerMonths.balances(.unbilled, db)
        let credit = try LedgerMonths.balances(.credit, db)
        let outstanding = try InvoiceReport.outstanding(at: now, db)
        for (currency, report) in reports {
            var report = report
            report.months = months.map { entry in
                var entry = entry
                let cell = RevenueMoves.Cell(month: entry.month, currency: currency)
                (entry.money, entry.moves) = (posted[cell] ?? MonthOfMoney(), moves[cell] ?? RevenueMoves())
                return entry
            }
            try report.rollBack()
            report.unbilled = unbilled[currency.code] ?? 0
            report.creditLiability = -(credit[currency.code] ?? 0)
            report.outstanding = outstanding[currency] ?? InvoiceReport.Ages()
            report.earners = try LedgerMonths.earners(first...last, in: currency.code, limit: 10, db).map {
                (try AccountReport.name($0.accountID, db), $0.amount)
            }
            reports[currency] = report
        }
        return reports.values.sorted {
            ($0.currency == .usd ? "" : $0.currency.code) < ($1.currency == .usd ? "" : $1.currency.code)
        }
    }

    private static func currencies(_ db: borrowing Database) throws -> [Currency] {
        let sides = Ledger.Side.allCases
        let posted = try sides.flatMap { try LedgerMonths.balances($0, db).keys }
        return [.usd] + Set(posted).compactMap { Currency($0) }
    }

    private static func subscriptions(
        at prices: [Int64: RecurringPrice],
        _ db: borrowing Database
    ) throws -> [Currency: MoneyReport] {
        var reports: [Currency: MoneyReport] = [:]
        for group in try SubscriptionReport.live(db) {
            guard let price = prices[group.priceID] else { continue }
            try reports[price.currency, default: MoneyReport(currency: price.currency)].add(group, at: price)
        }
        for (priceID, discounts) in try SubscriptionReport.discounts(db) {
            guard let price = prices[priceID] else { continue }
            try reports[price.currency]?.discounts.add(price.yearlyDiscount(discounts))
        }
        return reports
    }

    private mutating func add(_ group: SubscriptionReport.Group, at price: RecurringPrice) throws {
        let at = plans.firstIndex { $0.plan == price.plan } ?? plans.endIndex
        if at == plans.endIndex { plans.append(Plan(plan: price.plan)) }
        plans[at].subscriptions += group.count
        switch group.status {
        case "trialing":
            trialing += group.count
            return
        case "past_due": pastDue += group.count
        default: active += group.count
        }
        let yearly = try price.yearly.times(group.count)
        if yearly > 0 { customers += group.count }
        try plans[at].recurring.add(yearly)
        try recurring.add(yearly)
    }

    private static func posted(
        _ months: ClosedRange<Month>,
        _ db: borrowing Database
    ) throws -> [RevenueMoves.Cell: MonthOfMoney] {
        var posted: [RevenueMoves.Cell: MonthOfMoney] = [:]
        for (row, amount) in try LedgerMonths.rows(months, db) {
            guard let currency = Currency(row.currency) else { continue }
            let cell = RevenueMoves.Cell(month: row.month, currency: currency)
            try posted[cell, default: MonthOfMoney()].add(row, amount)
        }
        return posted
    }

    /// What there was at the end of each month follows from what there is now and what has happened since.
    private mutating func rollBack() throws {
        var (yearly, paying) = (recurring, customers)
        for at in months.indices.reversed() {
            (months[at].closing, months[at].closingCustomers) = (yearly, paying)
            try yearly.add(-months[at].moves.net)
            paying -= months[at].moves.netCustomers
            (months[at].opening, months[at].openingCustomers) = (yearly, paying)
        }
    }
}
