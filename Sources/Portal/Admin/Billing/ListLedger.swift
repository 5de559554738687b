import Web

/// An entry of the ledger as operators and their accountants see it.
struct LedgerRow: ExportedRow {
    let id: Int64
    let postedAt: Timestamp
    let account: Int64
    let accountName: String
    let debit: String
    let credit: String
    let amount: Amount
    let currency: Currency
    let reason: String
    let reference: Nullable<String>

    enum CodingKeys: String, CodingKey {
        case id, account, debit, credit, amount, currency, reason, reference
        case postedAt = "posted_at"
        case accountName = "account_name"
    }

    var position: Int64 { id }

    /// - Parameter status: entries have none: it is not looked at.
    static func find(_ filter: ReportFilter, status: String, in app: App) async throws -> [LedgerRow] {
        try await LongRead.run(app.store) { db in
            try LedgerReport.list(filter, db).map { it in
                LedgerRow(
                    id: it.id,
                    postedAt: it.postedAt,
                    account: it.account.id,
                    accountName: it.account.name,
                    debit: it.debit,
                    credit: it.credit,
                    amount: Amount(it.amount, it.currency),
                    currency: it.currency,
                    reason: it.reason,
                    reference: Nullable(it.reference)
                )
            }
        }
    }

    static let columns = [
        "id", "posted_at", "account", "account_name", "debit", "credit", "amount", "currency", "reason", "reference",
    ]

    var fields: [String] {
        [
            "\(id)", postedAt.text, "\(account)", accountName, debit, credit, amount.text, currency.code, reason,
            reference.value ?? "",
        ]
    }
}

/// `GET /api/v1/admin/ledger`: each entry takes an amount from its credit side to its debit side.
struct ListLedger: Endpoint {
    static func handle(_ input: ReportQuery, by caller: Caller, in app: App) async throws -> ReportPage<LedgerRow> {
        try await LedgerRow.page(input, in: app)
    }
}

/// `GET /api/v1/admin/ledger.csv`.
struct ExportLedger: Endpoint {
    static func handle(_ input: ReportQuery, by caller: Caller, in app: App) async throws -> CSVFile {
        try LedgerRow.file("ledger", input, in: app)
    }
}
