import Web

/// `GET /api/admin/billing`: what the program's plans bring, and the newest invoices of all accounts.
struct ShowProgramBilling: Endpoint {
    struct Input: Codable, Sendable {
        /// Of invoices; 50 unless told.
        let limit: Whole<1, 500>?
    }

    struct Plan: Codable, Sendable {
        let id: String
        let name: String
        /// Live ones, trials too.
        let subscriptions: Int64
        let monthlyRevenue: Amount
    }

    struct Partner: Codable, Sendable {
        let id: String
        let name: String
    }

    struct Invoice: Codable, Sendable {
        let id: String
        let partner: Partner
        let amount: Amount
        let currency: String
        let status: PartnerInvoice.Status
        let dueAt: PreciseTime
        let paidAt: Nullable<PreciseTime>
        let createdAt: PreciseTime

        fileprivate init(_ it: InvoiceReport.Item, number: String, at now: Timestamp) {
            id = number
            partner = Partner(id: "\(it.account.id)", name: it.account.name)
            (amount, currency) = (Amount(it.total, it.currency), it.currency.code.uppercased())
            status = it.status == "paid" ? .paid : it.status == "open" && it.dueAt > now ? .pending : .failed
            (dueAt, createdAt) = (PreciseTime(it.dueAt), PreciseTime(it.issuedAt))
            paidAt = Nullable(it.paidAt.map { PreciseTime($0) })
        }
    }

    struct Answer: JSONOutput {
        /// Recurring fees as what they come to in a month and in a year, before discounts, in dollars.
        let monthlyRevenue: Amount
        let yearlyRevenue: Amount
        let activeSubscriptions: Int64
        let trialSubscriptions: Int64
        let pastDueSubscriptions: Int64
        let plans: [Plan]
        /// Owed by invoices of all accounts, in dollars.
        let outstanding: Amount
        let invoices: [Invoice]
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let now = app.now()
        let filter = ReportFilter(limit: input.limit?.value ?? 50)
        return try await LongRead.run(app.store) { db in
            let subscribed = try PartnerReport.subscribed(db)
            let invoices = try InvoiceReport.list("invoice", filter, status: "", db)
            return Answer(
                monthlyRevenue: Amount(Cents(try subscribed.recurring.monthly), .usd),
                yearlyRevenue: Amount(Cents(subscribed.recurring.yearly), .usd),
                activeSubscriptions: subscribed.count(.active),
                trialSubscriptions: subscribed.count(.trialing),
                pastDueSubscriptions: subscribed.count(.pastDue),
                plans: try PartnerPlan.all(at: now, archivedToo: true, db).map { plan in
                    let sold = subscribed.plans[plan.id]
                    return Plan(
                        id: plan.id,
                        name: plan.name,
                        subscriptions: sold?.count ?? 0,
                        monthlyRevenue: Amount(Cents(try sold?.recurring.monthly ?? 0), .usd)
                    )
                },
                outstanding: Amount(Cents(try InvoiceReport.outstanding(at: now, db)[.usd]?.total ?? 0), .usd),
                invoices: invoices.filter { $0.status != "void" }.compactMap { item in
                    item.number.map { Invoice(item, number: $0, at: now) }
                }
            )
        }
    }
}
