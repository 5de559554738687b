import Web

/// A month of the house's money as it travels.
struct MoneyMonthView: Codable, Sendable {
    /// From the ledger, less what was taken back in the month. The parts add up to the total.
    struct Revenue: Codable, Sendable {
        let total: Amount
        /// Recorded at prices of its own.
        let usage: Amount
        /// Fees, and use by plans' items.
        let plans: Amount
        /// Credit that was paid for and expired.
        let breakage: Amount
        let creditNotes: Amount
        /// What refunds took that no credit was left for.
        let refunds: Amount
        /// Taxes that are part of prices.
        let taxes: Amount

        enum CodingKeys: String, CodingKey {
            case total, usage, plans, breakage, refunds, taxes
            case creditNotes = "credit_notes"
        }
    }

    /// Revenue by the plan that the account was on.
    struct PlanRevenue: Codable, Sendable {
        let plan: String
        let revenue: Amount
    }

    /// Monthly recurring revenue before discounts: opening + new + reactivated + expansion − contraction − churned =
    /// closing, each rounded by itself.
    struct Moves: Codable, Sendable {
        let opening: Amount
        let new: Amount
        let reactivated: Amount
        let expansion: Amount
        let contraction: Amount
        let churned: Amount
        let closing: Amount
    }

    struct Customers: Codable, Sendable {
        let opening: Int64
        let new: Int64
        let reactivated: Int64
        let churned: Int64
        let closing: Int64
    }

    /// `2026-11`.
    let month: String
    let revenue: Revenue
    /// The best first.
    let byPlan: [PlanRevenue]
    let collected: Amount
    let refunded: Amount
    /// Withdrawn by disputes, less what came back.
    let disputed: Amount
    /// Written off, or lost in disputes.
    let lost: Amount
    /// Asked for by invoices, less what was given back.
    let tax: Amount
    /// Credit given away, less what expired of it.
    let promotion: Amount
    let mrr: Moves
    let customers: Customers
    /// Percent of the customers at the month's beginning.
    let customerChurn: Double
    /// Percent of the recurring revenue at the month's beginning that was lost by leaving or by paying less.
    let revenueChurn: Double

    enum CodingKeys: String, CodingKey {
        case month, revenue, collected, refunded, disputed, lost, tax, promotion, mrr, customers
        case byPlan = "by_plan"
        case customerChurn = "customer_churn"
        case revenueChurn = "revenue_churn"
    }

    init(_ it: MoneyReport.Entry, _ currency: Currency, _ plans: [Int64: ReportedPlan]) throws {
        func amount(_ minor: Int64) -> Amount { Amount(Cents(minor), currency) }
        func earned(_ source: RevenueSource) -> Amount { amount(it.money.revenue[source] ?? 0) }
        month = it.month.text
        revenue = Revenue(
            total: amount(it.money.total),
            usage: earned(.usage),
            plans: earned(.plans),
            breakage: earned(.breakage),
            creditNotes: earned(.creditNotes),
            refunds: earned(.refunds),
            taxes: earned(.taxes)
        )
        byPlan = it.money.revenueByPlan.filter { $0.value != 0 }
            .sorted { ($0.value, $1.key) > ($1.value, $0.key) }
            .map { PlanRevenue(plan: plans[$0.key]?.code ?? "", revenue: amount($0.value)) }
        (collected, refunded) = (amount(it.money.collected), amount(it.money.refunded))
        (disputed, lost) = (amount(it.money.disputed), amount(it.money.lost))
        (tax, promotion) = (amount(it.money.tax), amount(it.money.promotion))
        let moves = it.moves
        mrr = Moves(
            opening: amount(try it.opening.monthly),
            new: amount(try moves.new.monthly),
            reactivated: amount(try moves.reactivated.monthly),
            expansion: amount(try moves.expansion.monthly),
            contraction: amount(try moves.contraction.monthly),
            churned: amount(try moves.churned.monthly),
            closing: amount(try it.closing.monthly)
        )
        customers = Customers(
            opening: it.openingCustomers,
            new: moves.newCustomers,
            reactivated: moves.reactivatedCustomers,
            churned: moves.churnedCustomers,
            closing: it.closingCustomers
        )
        customerChurn = Percent.of(moves.churnedCustomers, in: it.openingCustomers)
        revenueChurn = Percent.of(try moves.churned.yearly.plus(moves.contraction.yearly), in: it.opening.yearly)
    }
}
