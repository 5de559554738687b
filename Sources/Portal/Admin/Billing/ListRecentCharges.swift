import Web

/// `GET /api/v1/admin/billing/recent-charges`: payments, and charges that failed, the newest first.
struct ListRecentCharges: Endpoint {
    struct Input: Codable, Sendable {
        let limit: Whole<1, 500>?
    }

    struct Charge: Codable, Sendable {
        enum Status: String, Codable, Sendable, CaseIterable, Documented {
            case succeeded, failed

            static var sample: Status { .succeeded }
        }

        /// The provider's.
        let id: String
        let amount: Amount
        let currency: Currency
        let status: Status
        /// The account's, as ``ListBillingCustomers`` has it.
        let customer: String
        let customerName: String
        let description: String
        let created: Timestamp
        let paid: Bool
        /// Wholly.
        let refunded: Bool
        let amountRefunded: Amount

        enum CodingKeys: String, CodingKey {
            case id, amount, currency, status, customer, description, created, paid, refunded
            case customerName = "customer_name"
            case amountRefunded = "amount_refunded"
        }
    }

    struct Answer: JSONOutput {
        let charges: [Charge]
        /// All payments and failed charges, shown or not.
        let total: Int64
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let limit = input.limit?.value ?? 20
        return try await LongRead.run(app.store) { db in
            let payments = try PaymentReport.payments(ReportFilter(limit: limit), db).map { Charge($0) }
            let failed = try PaymentReport.failed(limit: limit, db).map { Charge($0) }
            let charges = (payments + failed).sorted { $0.created > $1.created }
            return Answer(charges: Array(charges.prefix(Int(limit))), total: try PaymentReport.count(db))
        }
    }
}

extension ListRecentCharges.Charge {
    init(_ it: PaymentReport.Payment) {
        self.init(
            id: it.chargeID ?? it.providerID,
            amount: Amount(it.amount, it.currency),
            currency: it.currency,
            status: .succeeded,
            customer: "\(it.account.id)",
            customerName: it.account.name,
            description: it.description,
            created: it.paidAt,
            paid: true,
            refunded: it.refunded == it.amount,
            amountRefunded: Amount(it.refunded, it.currency)
        )
    }

    init(_ it: PaymentReport.Failed) {
        self.init(
            id: it.providerID ?? "attempt-\(it.id)",
            amount: Amount(it.amount, it.currency),
            currency: it.currency,
            status: .failed,
            customer: "\(it.account.id)",
            customerName: it.account.name,
            description: it.error ?? "",
            created: it.createdAt,
            paid: false,
            refunded: false,
            amountRefunded: Amount(.zero, it.currency)
        )
    }
}
