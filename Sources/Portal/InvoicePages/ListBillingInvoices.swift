import Web

/// `GET /api/v1/billing/invoices`: the account's invoices, newest first, as clients of the billing family read them.
struct ListBillingInvoices: Endpoint {
    struct Input: Codable, Sendable {
        let limit: Whole<1, 100>?
    }

    struct Item: Codable, Sendable {
        let id: String
        let number: String
        /// What is to be paid in all: the total, less what credit notes took off.
        let amountDue: Amount
        let amountPaid: Amount
        let currency: Currency
        let status: Invoices.Status
        let created: Timestamp
        let dueDate: Timestamp
        let paid: Bool
        let invoicePDF: String
        let hostedInvoiceURL: String
        /// The same in the names of other clients.
        let invoiceNumber: String
        let amount: Amount
        let date: Timestamp
        let issuedDate: Timestamp
        let paidDate: Nullable<Timestamp>
        /// `paid`, `pending`, `overdue` or `void`.
        let paymentStatus: String
        let pdfURL: String
        let description: String

        enum CodingKeys: String, CodingKey {
            case id, number, currency, status, created, paid, amount, date, description
            case amountDue = "amount_due"
            case amountPaid = "amount_paid"
            case dueDate = "due_date"
            case invoicePDF = "invoice_pdf"
            case hostedInvoiceURL = "hosted_invoice_url"
            case invoiceNumber = "invoice_number"
            case issuedDate = "issued_date"
            case paidDate = "paid_date"
            case paymentStatus = "payment_status"
            case pdfURL = "pdf_url"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Listed<Item> {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try app.store.read { db in
            let time = try Accounts.time(of: accountID, at: now, db)
            let found = try Invoices.page(of: accountID, limit: input.limit?.value ?? 10, db)
            return Listed(found.map { Item($0, app.invoiceLinks, at: time) })
        }
    }
}

extension ListBillingInvoices.Item {
    init(_ invoice: Invoices.Invoice, _ links: InvoiceLinks, at now: Timestamp) {
        let word = invoice.status == .void ? "void" : ListInvoices.Status(invoice, at: now).rawValue
        self.init(
            id: "\(invoice.id)",
            number: invoice.number ?? "",
            amountDue: Amount(invoice.total - invoice.credited, invoice.currency),
            amountPaid: Amount(invoice.paid, invoice.currency),
            currency: invoice.currency,
            status: invoice.status,
            created: invoice.issuedAt,
            dueDate: invoice.dueAt,
            paid: invoice.status == .paid,
            invoicePDF: links.pdf(invoice.id),
            hostedInvoiceURL: links.page(invoice.id),
            invoiceNumber: invoice.number ?? "",
            amount: Amount(invoice.total, invoice.currency),
            date: invoice.issuedAt,
            issuedDate: invoice.issuedAt,
            paidDate: Nullable(invoice.paidAt),
            paymentStatus: word,
            pdfURL: links.pdf(invoice.id),
            description: invoice.description
        )
    }
}
