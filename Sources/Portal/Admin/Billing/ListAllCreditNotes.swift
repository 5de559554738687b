import Web

/// A credit note as operators see it. Its amounts are what it gives back.
struct CreditNoteRow: ReportRow {
    let id: Int64
    let number: Nullable<String>
    /// The number of the invoice that it takes from.
    let invoice: Nullable<String>
    let account: Int64
    let accountName: String
    let description: String
    let currency: Currency
    let subtotal: Amount
    let tax: Amount
    let total: Amount
    let issuedAt: Timestamp

    enum CodingKeys: String, CodingKey {
        case id, number, invoice, account, description, currency, subtotal, tax, total
        case accountName = "account_name"
        case issuedAt = "issued_at"
    }

    var position: Int64 { id }

    static func find(_ filter: ReportFilter, status: String, in app: App) async throws -> [CreditNoteRow] {
        try await LongRead.run(app.store) { db in
            try InvoiceReport.list("credit_note", filter, status: status, db).map(CreditNoteRow.init)
        }
    }
}

extension CreditNoteRow {
    init(_ it: InvoiceReport.Item) {
        self.init(
            id: it.id,
            number: Nullable(it.number),
            invoice: Nullable(it.corrects),
            account: it.account.id,
            accountName: it.account.name,
            description: it.description,
            currency: it.currency,
            subtotal: Amount(it.subtotal, it.currency),
            tax: Amount(it.tax, it.currency),
            total: Amount(it.total, it.currency),
            issuedAt: it.issuedAt
        )
    }
}

/// `GET /api/v1/admin/credit-notes`.
struct ListAllCreditNotes: Endpoint {
    static func handle(_ input: ReportQuery, by caller: Caller, in app: App) async throws -> ReportPage<CreditNoteRow> {
        try await CreditNoteRow.page(input, in: app)
    }
}
