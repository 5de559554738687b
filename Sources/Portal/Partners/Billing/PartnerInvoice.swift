import Storage
import Web

/// An invoice in the words of the partner program's clients.
struct PartnerInvoice: Codable, Sendable {
    enum Status: String, Codable, Sendable, CaseIterable, Documented {
        case paid, pending
        /// Past its due date, or given up.
        case failed

        static var sample: Status { .paid }

        init(_ invoice: Invoices.Invoice, at now: Timestamp) {
            switch invoice.status {
            case .paid, .void: self = .paid
            case .draft, .open: self = invoice.dueAt <= now ? .failed : .pending
            case .uncollectible: self = .failed
            }
        }
    }

    /// The invoice's number.
    let id: String
    let amount: Amount
    let currency: String
    let status: Status
    let billingPeriodStart: PreciseTime
    let billingPeriodEnd: PreciseTime
    /// Calls in the period.
    let apiUsage: Int64
    /// What of the amount is for calls beyond the plan's.
    let overageAmount: Amount
    let paidAt: Nullable<PreciseTime>
    let createdAt: PreciseTime

    init(_ invoice: Invoices.Invoice, number: String, at now: Timestamp, _ db: borrowing Database) throws {
        let time = try Accounts.time(of: invoice.accountID, at: now, db)
        // What is not about a period is about the month in which it was made out.
        let month = Timestamp(day: invoice.issuedAt.month.firstDay)..<invoice.issuedAt.month.end
        let period = invoice.period ?? month
        let last = Timestamp(milliseconds: period.upperBound.milliseconds - 1)
        let days = period.lowerBound.day...max(period.lowerBound.day, last.day)
        let beyond = try InvoiceLines.of(invoice.id, db).filter { $0.meter == Meter.calls.rawValue }
        id = number
        amount = Amount(invoice.total, invoice.currency)
        currency = invoice.currency.code.uppercased()
        status = Status(invoice, at: time)
        (billingPeriodStart, billingPeriodEnd) = (PreciseTime(period.lowerBound), PreciseTime(period.upperBound))
        apiUsage = try CallMonths.daily(of: invoice.accountID, days, db).values.reduce(0) { try $0.plus($1) }
        overageAmount = Amount(beyond.reduce(.zero) { $0 + $1.total }, invoice.currency)
        paidAt = Nullable(invoice.paidAt.map { PreciseTime($0) })
        createdAt = PreciseTime(invoice.issuedAt)
    }

    /// The newest of an account, without those that were voided.
    static func newest(
        of accountID: Int64,
        limit: Int,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> [PartnerInvoice] {
        try Invoices.list(of: accountID, limit: limit, db).compactMap { invoice in
            try invoice.number.map { try PartnerInvoice(invoice, number: $0, at: now, db) }
        }
    }
}
