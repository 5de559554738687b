import Web

/// An invoice as operators and their accountants see it.
struct InvoiceRow: ExportedRow {
    let id: Int64
    /// Null: a draft.
    let number: Nullable<String>
    let account: Int64
    let accountName: String
    let status: String
    let reason: String
    let description: String
    let currency: Currency
    let subtotal: Amount
    let discount: Amount
    let tax: Amount
    let total: Amount
    let paid: Amount
    /// By credit notes.
    let credited: Amount
    let writtenOff: Amount
    let owed: Amount
    let issuedAt: Timestamp
    let dueAt: Timestamp
    let paidAt: Nullable<Timestamp>

    enum CodingKeys: String, CodingKey {
        case id, number, account, status, reason, description, currency, subtotal, discount, tax, total, paid, credited
        case owed
        case accountName = "account_name"
        case writtenOff = "written_off"
        case issuedAt = "issued_at"
        case dueAt = "due_at"
        case paidAt = "paid_at"
    }

    var position: Int64 { id }

    static func find(_ filter: ReportFilter, status: String, in app: App) async throws -> [InvoiceRow] {
        try await LongRead.run(app.store) { db in
            try InvoiceReport.list("invoice", filter, status: status, db).map(InvoiceRow.init)
        }
    }

    static let columns = [
        "number", "account", "account_name", "status", "reason", "description", "currency", "subtotal", "discount",
        "tax", "total", "paid", "credited", "written_off", "owed", "issued_at", "due_at", "paid_at",
    ]

    var fields: [String] {
        [
            number.value ?? "", "\(account)", accountName, status, reason, description, currency.code, subtotal.text,
            discount.text, tax.text, total.text, paid.text, credited.text, writtenOff.text, owed.text, issuedAt.text,
            dueAt.text, paidAt.value?.text ?? "",
        ]
    }
}

extension InvoiceRow {
    init(_ it: InvoiceReport.Item) {
        let money = { (cents: Cents) in Amount(cents, it.currency) }
        self.init(
            id: it.id,
            number: Nullable(it.number),
            account: it.account.id,
            accountName: it.account.name,
            status: it.status,
            reason: it.reason,
            description: it.description,
            currency: it.currency,
            subtotal: money(it.subtotal),
            discount: money(it.discount),
            tax: money(it.tax),
            total: money(it.total),
            paid: money(it.paid),
            credited: money(it.credited),
            writtenOff: money(it.writtenOff),
            owed: money(it.owed),
            issuedAt: it.issuedAt,
            dueAt: it.dueAt,
            paidAt: Nullable(it.paidAt)
        )
    }
}

/// `GET /api/v1/admin/invoices`: of all accounts, or one; by status.
struct ListAllInvoices: Endpoint {
    static func handle(_ input: ReportQuery, by caller: Caller, in app: App) async throws -> ReportPage<InvoiceRow> {
        try await InvoiceRow.page(input, in: app)
    }
}

/// `GET /api/v1/admin/invoices.csv`: all that the same query finds.
struct ExportAllInvoices: Endpoint {
    static func handle(_ input: ReportQuery, by caller: Caller, in app: App) async throws -> CSVFile {
        try InvoiceRow.file("invoices", input, in: app)
    }
}
