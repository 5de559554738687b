import Storage
import Web

/// An invoice or credit note as it is answered. Amounts are in `currency`.
struct InvoiceView: Codable, Sendable {
    struct Tax: Codable, Sendable {
        let name: String
        let percent: UnitPrice
        /// Part of the prices, rather than on top of them.
        let inclusive: Bool
        let amount: Amount
    }

    struct Discount: Codable, Sendable {
        let name: String
        let code: String
        let amount: Amount
    }

    /// `invoice`, `credit_note`.
    let kind: String
    let number: Nullable<String>
    let status: Invoices.Status
    let reason: Invoices.Reason
    let description: String
    let currency: String
    let subtotal: Amount
    let discount: Amount
    let tax: Amount
    let total: Amount
    /// A credit note's: what of it was given as credit.
    let paid: Amount
    /// By credit notes; a credit note's: what of it is no longer owed.
    let credited: Amount
    let amountDue: Amount
    let issuedAt: Timestamp
    let dueAt: Timestamp
    let paidAt: Nullable<Timestamp>
    let voidedAt: Nullable<Timestamp>
    let periodStart: Nullable<Timestamp>
    let periodEnd: Nullable<Timestamp>
    /// The number of the invoice that this one corrects.
    let corrects: Nullable<String>
    let taxes: [Tax]
    let discounts: [Discount]
    let memo: String

    enum CodingKeys: String, CodingKey {
        case kind, number, status, reason, description, currency, subtotal, discount, tax, total, paid, credited
        case corrects, taxes, discounts, memo
        case amountDue = "amount_due"
        case issuedAt = "issued_at"
        case dueAt = "due_at"
        case paidAt = "paid_at"
        case voidedAt = "voided_at"
        case periodStart = "period_start"
        case periodEnd = "period_end"
    }

    init(_ invoice: Invoices.Invoice, _ db: borrowing Database) throws {
        let currency = invoice.currency
        (kind, number, status) = (invoice.kind.rawValue, Nullable(invoice.number), invoice.status)
        (reason, description, self.currency) = (invoice.reason, invoice.description, currency.code)
        subtotal = Amount(invoice.subtotal, currency)
        discount = Amount(invoice.discount, currency)
        tax = Amount(invoice.tax, currency)
        total = Amount(invoice.total, currency)
        paid = Amount(invoice.paid, currency)
        credited = Amount(invoice.credited, currency)
        amountDue = Amount(invoice.owed, currency)
        (issuedAt, dueAt) = (invoice.issuedAt, invoice.dueAt)
        (paidAt, voidedAt) = (Nullable(invoice.paidAt), Nullable(invoice.voidedAt))
        periodStart = Nullable(invoice.period?.lowerBound)
        periodEnd = Nullable(invoice.period?.upperBound)
        corrects = Nullable(try invoice.correctsID.flatMap { try Invoices.find(id: $0, db)?.number })
        (taxes, discounts) = Self.parts(invoice.papers, in: currency)
        memo = invoice.papers.memo
    }

    static func parts(_ papers: InvoicePapers, in currency: Currency) -> ([Tax], [Discount]) {
        let taxes = papers.taxes.map {
            Tax(
                name: $0.name,
                percent: UnitPrice(micros: $0.rate * 100),
                inclusive: $0.inclusive,
                amount: Amount(Money($0.amount, currency))
            )
        }
        let discounts = papers.discounts.map {
            Discount(name: $0.name, code: $0.code, amount: Amount(Money($0.amount, currency)))
        }
        return (taxes, discounts)
    }
}

struct InvoiceLineView: Codable, Sendable {
    let description: String
    let kind: String
    let quantity: Int64
    /// Null where quantity × price is not the amount before it was rounded.
    let unitPrice: Nullable<UnitPrice>
    let amount: Amount
    let discount: Amount
    let tax: Amount
    let total: Amount
    let meter: Nullable<String>
    let backend: Nullable<String>
    let item: Nullable<String>
    /// How many events the line was computed from, from which to which, and what they add up to.
    let events: Nullable<Int64>
    let firstEventID: Nullable<Int64>
    let lastEventID: Nullable<Int64>
    let digest: Nullable<String>

    enum CodingKeys: String, CodingKey {
        case description, kind, quantity, amount, discount, tax, total, meter, backend, item, events, digest
        case unitPrice = "unit_price"
        case firstEventID = "first_event_id"
        case lastEventID = "last_event_id"
    }

    init(_ line: InvoiceLines.Line, in currency: Currency) {
        (description, kind, quantity) = (line.description, line.kind, line.quantity)
        unitPrice = Nullable(line.unitPrice)
        amount = Amount(line.amount, currency)
        discount = Amount(line.discount, currency)
        tax = Amount(line.tax, currency)
        total = Amount(line.total, currency)
        (meter, backend, item) = (Nullable(line.meter), Nullable(line.backend), Nullable(line.item))
        events = Nullable(line.evidence?.events)
        firstEventID = Nullable(line.evidence?.ids?.lowerBound)
        lastEventID = Nullable(line.evidence?.ids?.upperBound)
        digest = Nullable(line.evidence?.digest)
    }
}

/// One invoice with its lines.
struct InvoiceAnswer: JSONOutput {
    let invoice: InvoiceView
    let lines: [InvoiceLineView]

    init(_ invoice: Invoices.Invoice, _ db: borrowing Database) throws {
        self.invoice = try InvoiceView(invoice, db)
        lines = try InvoiceLines.of(invoice.id, db).map { InvoiceLineView($0, in: invoice.currency) }
    }

    /// - Throws: ``Failure`` 404.
    init(id: Int64, _ db: borrowing Database) throws {
        guard let invoice = try Invoices.find(id: id, db) else { throw Failure.notFound("There is no such invoice") }
        try self.init(invoice, db)
    }
}
