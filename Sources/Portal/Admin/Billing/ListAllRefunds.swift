import Web

/// A refund as operators see it.
struct RefundRow: ReportRow {
    let number: Int64
    /// The provider's; null as long as it has not answered.
    let id: Nullable<String>
    /// The provider's id of the payment.
    let payment: String
    let account: Int64
    let accountName: String
    let amount: Amount
    let currency: Currency
    let reason: String
    let status: String
    let error: Nullable<String>
    let createdAt: Timestamp

    enum CodingKeys: String, CodingKey {
        case number, id, payment, account, amount, currency, reason, status, error
        case accountName = "account_name"
        case createdAt = "created_at"
    }

    var position: Int64 { number }

    static func find(_ filter: ReportFilter, status: String, in app: App) async throws -> [RefundRow] {
        try await LongRead.run(app.store) { db in
            try PaymentReport.refunds(filter, status: status, db).map { RefundRow($0) }
        }
    }
}

extension RefundRow {
    init(_ it: PaymentReport.Refund) {
        self.init(
            number: it.id,
            id: Nullable(it.providerID),
            payment: it.payment,
            account: it.account.id,
            accountName: it.account.name,
            amount: Amount(it.amount, it.currency),
            currency: it.currency,
            reason: it.reason,
            status: it.status,
            error: Nullable(it.error),
            createdAt: it.createdAt
        )
    }
}

/// `GET /api/v1/admin/refunds`.
struct ListAllRefunds: Endpoint {
    static func handle(_ input: ReportQuery, by caller: Caller, in app: App) async throws -> ReportPage<RefundRow> {
        try await RefundRow.page(input, in: app)
    }
}
