import Web

/// A payment as operators and their accountants see it.
struct PaymentRow: ExportedRow {
    enum Status: String, Codable, Sendable, CaseIterable, Documented {
        case succeeded
        case partlyRefunded = "partly_refunded"
        case refunded
        /// Some of it is held back, or was lost.
        case disputed

        static var sample: Status { .succeeded }
    }

    /// The provider's.
    let id: String
    let number: Int64
    let charge: Nullable<String>
    let account: Int64
    let accountName: String
    let status: Status
    let amount: Amount
    let refunded: Amount
    let disputed: Amount
    let currency: Currency
    let description: String
    /// The number of the invoice that it was meant for.
    let invoice: Nullable<String>
    let paidAt: Timestamp

    enum CodingKeys: String, CodingKey {
        case id, number, charge, account, status, amount, refunded, disputed, currency, description, invoice
        case accountName = "account_name"
        case paidAt = "paid_at"
    }

    var position: Int64 { number }

    /// - Parameter status: payments have none of their own: it is not looked at.
    static func find(_ filter: ReportFilter, status: String, in app: App) async throws -> [PaymentRow] {
        try await LongRead.run(app.store) { db in
            try PaymentReport.payments(filter, db).map(PaymentRow.init)
        }
    }

    static let columns = [
        "id", "charge", "account", "account_name", "status", "amount", "refunded", "disputed", "currency",
        "description", "invoice", "paid_at",
    ]

    var fields: [String] {
        [
            id, charge.value ?? "", "\(account)", accountName, status.rawValue, amount.text, refunded.text,
            disputed.text, currency.code, description, invoice.value ?? "", paidAt.text,
        ]
    }
}

extension PaymentRow {
    init(_ it: PaymentReport.Payment) {
        self.init(
            id: it.providerID,
            number: it.id,
            charge: Nullable(it.chargeID),
            account: it.account.id,
            accountName: it.account.name,
            status: it.disputed > .zero
                ? .disputed : it.refunded == .zero ? .succeeded : it.refunded < it.amount ? .partlyRefunded : .refunded,
            amount: Amount(it.amount, it.currency),
            refunded: Amount(it.refunded, it.currency),
            disputed: Amount(it.disputed, it.currency),
            currency: it.currency,
            description: it.description,
            invoice: Nullable(it.invoice),
            paidAt: it.paidAt
        )
    }
}

/// `GET /api/v1/admin/payments`.
struct ListAllPayments: Endpoint {
    static func handle(_ input: ReportQuery, by caller: Caller, in app: App) async throws -> ReportPage<PaymentRow> {
        try await PaymentRow.page(input, in: app)
    }
}

/// `GET /api/v1/admin/payments.csv`.
struct ExportAllPayments: Endpoint {
    static func handle(_ input: ReportQuery, by caller: Caller, in app: App) async throws -> CSVFile {
        try PaymentRow.file("payments", input, in: app)
    }
}
