import Web

/// `GET /api/v1/me/invoices`: what ``ListInvoices`` answers, and for the dashboard what it shows besides.
struct ListOwnInvoices: Endpoint {
    struct Answer: JSONOutput {
        struct Item: Codable, Sendable {
            let id: String
            let date: String
            let description: String
            let amount: Amount
            let status: ListInvoices.Status
            let currency: Currency
            /// What is still to be paid.
            let owed: Amount
            let dueDate: Timestamp
            /// Drafts have none of these.
            let invoicePDF: String?
            let hostedInvoiceURL: String?

            enum CodingKeys: String, CodingKey {
                case id, date, description, amount, status, currency, owed
                case dueDate = "due_date"
                case invoicePDF = "invoice_pdf"
                case hostedInvoiceURL = "hosted_invoice_url"
            }
        }

        /// Positive is owed: everything used and not yet paid.
        let currentBalance: Amount
        let currency: Currency
        let invoices: [Item]

        enum CodingKeys: String, CodingKey {
            case currency, invoices
            case currentBalance = "current_balance"
        }
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try app.store.read { db in
            let currency = try Accounts.currency(of: accountID, db)
            let time = try Accounts.time(of: accountID, at: now, db)
            return Answer(
                currentBalance: Amount(try Ledger.owed(by: accountID, db), currency),
                currency: currency,
                invoices: try Invoices.list(of: accountID, db).map { Answer.Item($0, app.invoiceLinks, at: time) }
            )
        }
    }
}

extension ListOwnInvoices.Answer.Item {
    init(_ invoice: Invoices.Invoice, _ links: InvoiceLinks, at now: Timestamp) {
        self.init(
            id: invoice.number ?? "draft-\(invoice.id)",
            date: invoice.issuedAt.day.text,
            description: invoice.description,
            amount: Amount(invoice.total, invoice.currency),
            status: ListInvoices.Status(invoice, at: now),
            currency: invoice.currency,
            owed: Amount(invoice.owed, invoice.currency),
            dueDate: invoice.dueAt,
            invoicePDF: invoice.number.map { _ in links.pdf(invoice.id) },
            hostedInvoiceURL: invoice.number.map { _ in links.page(invoice.id) }
        )
    }
}
