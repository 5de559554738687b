import Web

/// `GET /api/v1/admin/accounts/{id}`: all that an operator who is asked about an account wants to see at once.
struct InspectAccount: Endpoint {
    struct Input: Codable, Sendable {
        let id: Int64
    }

    /// What was used of a meter this month.
    struct Use: Codable, Sendable {
        let meter: String
        let quantity: Int64
        let cost: Dollars
    }

    struct Answer: JSONOutput {
        let account: AccountRow
        let members: [ListMembers.Item]
        /// The live one; null: it pays as it goes.
        let subscription: Nullable<SubscriptionRow>
        /// Credit that is left, in the order in which it is spent.
        let grants: [GrantView]
        /// What is still owed by each, the newest first.
        let openInvoices: [InvoiceRow]
        /// The newest 20, as the next two.
        let invoices: [InvoiceRow]
        let payments: [PaymentRow]
        let refunds: [RefundRow]
        /// This month, by meter.
        let usage: [Use]

        enum CodingKeys: String, CodingKey {
            case account, members, subscription, grants, invoices, payments, refunds, usage
            case openInvoices = "open_invoices"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let now = app.now()
        return try await LongRead.run(app.store) { db in
            var wanted = AccountReport.Filter(limit: 1)
            wanted.id = input.id
            guard input.id > 0, let account = try AccountReport.list(wanted, db).first else {
                throw Failure.notFound("There is no account \(input.id)")
            }
            let newest = ReportFilter(account: input.id, limit: 20)
            let open = ReportFilter(account: input.id, limit: 100)
            let members = try Members.list(of: input.id, db)
            let subscriptions = try SubscriptionRow.find(newest, status: "", db)
            let openInvoices = try ["open", "uncollectible"].flatMap { status in
                try InvoiceReport.list("invoice", open, status: status, db).filter { $0.owed > .zero }
            }
            let month = try Accounts.time(of: input.id, at: now, db).month
            return Answer(
                account: AccountRow(account),
                members: members.map { ListMembers.Item($0, isSelf: $0.id == caller.holder?.userID) },
                subscription: Nullable(subscriptions.first { $0.status != "canceled" }),
                grants: try CreditGrants.open(of: input.id, db).map { GrantView($0) },
                openInvoices: openInvoices.map { InvoiceRow($0) },
                invoices: try InvoiceReport.list("invoice", newest, status: "", db).map { InvoiceRow($0) },
                payments: try PaymentReport.payments(newest, db).map { PaymentRow($0) },
                refunds: try PaymentReport.refunds(newest, status: "", db).map { RefundRow($0) },
                usage: try AccountReport.use(of: input.id, in: month, db).map {
                    Use(meter: $0.meter, quantity: $0.quantity, cost: $0.cost)
                }
            )
        }
    }
}
