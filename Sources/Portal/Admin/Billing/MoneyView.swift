import Web

/// A ``MoneyReport`` as it travels.
struct MoneyView: Codable, Sendable {
    struct Plan: Codable, Sendable {
        let plan: String
        let name: String
        /// Live ones, trials too.
        let subscriptions: Int64
        /// Before discounts.
        let mrr: Amount
        let arr: Amount
    }

    /// What is still to be paid by invoices, by how many days ago it was due.
    struct Outstanding: Codable, Sendable {
        let total: Amount
        let notDue: Amount
        let days0: Amount
        let days30: Amount
        let days60: Amount
        let days90: Amount

        enum CodingKeys: String, CodingKey {
            case total
            case notDue = "not_due"
            case days0 = "days_0_29"
            case days30 = "days_30_59"
            case days60 = "days_60_89"
            case days90 = "days_90"
        }
    }

    struct Earner: Codable, Sendable {
        let account: Int64
        let name: String
        /// Of all months shown.
        let revenue: Amount
    }

    let currency: Currency
    /// Recurring fees of subscriptions that pay, as what they come to in a month and in a year, less the coupons that
    /// their accounts hold.
    let mrr: Amount
    let arr: Amount
    /// What coupons take off in a month.
    let discounts: Amount
    /// Subscriptions that ask for something and are no trials.
    let customers: Int64
    let active: Int64
    let trialing: Int64
    let pastDue: Int64
    /// Those with live subscriptions, the one that brings most first.
    let plans: [Plan]
    /// The oldest first.
    let months: [MoneyMonthView]
    let outstanding: Outstanding
    /// Used, and on no invoice yet.
    let unbilled: Amount
    /// What accounts have left of credit.
    let creditLiability: Amount
    let topAccounts: [Earner]

    enum CodingKeys: String, CodingKey {
        case currency, mrr, arr, discounts, customers, active, trialing, plans, months, outstanding, unbilled
        case pastDue = "past_due"
        case creditLiability = "credit_liability"
        case topAccounts = "top_accounts"
    }

    init(_ it: MoneyReport, _ plans: [Int64: ReportedPlan]) throws {
        let currency = it.currency
        func amount(_ minor: Int64) -> Amount { Amount(Cents(minor), currency) }
        let net = RecurringRevenue(yearly: try it.recurring.yearly.minus(it.discounts.yearly))
        (self.currency, mrr, arr) = (currency, amount(try net.monthly), amount(net.yearly))
        discounts = amount(try it.discounts.monthly)
        (customers, active, trialing, pastDue) = (it.customers, it.active, it.trialing, it.pastDue)
        self.plans = try it.plans.sorted { $0.recurring.yearly > $1.recurring.yearly }.map { plan in
            Plan(
                plan: plan.plan.code,
                name: plan.plan.name,
                subscriptions: plan.subscriptions,
                mrr: amount(try plan.recurring.monthly),
                arr: amount(plan.recurring.yearly)
            )
        }
        months = try it.months.map { try MoneyMonthView($0, currency, plans) }
        outstanding = Outstanding(
            total: amount(try it.outstanding.total),
            notDue: amount(it.outstanding.notDue),
            days0: amount(it.outstanding.days0),
            days30: amount(it.outstanding.days30),
            days60: amount(it.outstanding.days60),
            days90: amount(it.outstanding.days90)
        )
        (unbilled, creditLiability) = (amount(it.unbilled), amount(it.creditLiability))
        topAccounts = it.earners.map {
            Earner(account: $0.account.id, name: $0.account.name, revenue: amount($0.amount))
        }
    }
}
