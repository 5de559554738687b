import ArgumentParser
import Portal

struct StatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Show the house's money: recurring revenue, each month by the ledger, and what is open."
    )

    @OptionGroup var options: ShellOptions

    @Option(help: "How many months, this one among them; 60 at most.")
    var months: Int64?

    func run() throws {
        try options.run(ShellCall("POST", "/control/stats", numbers: [("months", months)])) { answer in
            answer.items("currencies").map(Self.text).joined(separator: "\n\n")
        }
    }

    private static func text(_ money: ShellCall.Answer) -> String {
        let figures = ["currency", "mrr", "arr", "discounts", "customers", "trialing", "past_due", "unbilled"]
        let sums = figures.map { (name: $0, text: money.text($0) ?? "") }
        let liability = (name: "credit liability", text: money.text("credit_liability") ?? "")
        let outstanding = money.members(of: "outstanding").map { (name: "outstanding \($0.name)", text: $0.text) }
        let months = TextTable.text(
            [
                "MONTH", "REVENUE", "USAGE", "PLANS", "COLLECTED", "REFUNDED", "TAX", "MRR", "NEW", "CHURNED",
                "CUSTOMERS",
            ],
            money.rows(
                "months",
                [
                    "month", "revenue.total", "revenue.usage", "revenue.plans", "collected", "refunded", "tax",
                    "mrr.closing", "mrr.new", "mrr.churned", "customers.closing",
                ]
            )
        )
        let plans = TextTable.text(
            ["PLAN", "SUBSCRIPTIONS", "MRR", "ARR"],
            money.rows("plans", ["plan", "subscriptions", "mrr", "arr"])
        )
        let accounts = TextTable.text(
            ["ACCOUNT", "NAME", "REVENUE"],
            money.rows("top_accounts", ["account", "name", "revenue"])
        )
        return [TextTable.text(sums + [liability] + outstanding), months, plans, accounts].joined(separator: "\n\n")
    }
}
