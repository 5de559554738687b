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
    /// A credit note's: what of it was given as credit, or went back to the payer.
    let paid: Amount
    /// By credit notes; a credit note's: what of it is no longer owed.
    let credited: Amount
    /// Given up.
    let writtenOff: Amount
    /// What is still to be paid.
    let owed: Amount
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
    /// The page by which whoever has its address may see and pay it, and the PDF there; null: it is a draft.
    let hostedInvoiceURL: Nullable<String>
    let invoicePDF: Nullable<String>

    enum CodingKeys: String, CodingKey {
        case kind, number, status, reason, description, currency, subtotal, discount, tax, total, paid, credited, owed
        case corrects, taxes, discounts, memo
        case writtenOff = "written_off"
        case issuedAt = "issued_at"
        case dueAt = "due_at"
        case paidAt = "paid_at"
        case voidedAt = "voided_at"
        case periodStart = "period_start"
        case periodEnd = "period_end"
        case hostedInvoiceURL = "hosted_invoice_url"
        case invoicePDF = "invoice_pdf"
    }

    init(_ invoice: Invoices.Invoice, _ links: InvoiceLinks, _ db: borrowing Database) throws {
        let currency = invoice.currency
        (kind, number, status) = (invoice.kind.rawValue, Nullable(invoice.number), invoice.status)
        (reason, description, self.currency) = (invoice.reason, invoice.description, currency.code)
        subtotal = Amount(invoice.subtotal, currency)
        discount = Amount(invoice.discount, currency)
        tax = Amount(invoice.tax, currency)
        total = Amount(invoice.total, currency)
        paid = Amount(invoice.paid, currency)
        credited = Amount(invoice.credited, currency)
        writtenOff = Amount(invoice.writtenOff, currency)
        owed = Amount(invoice.owed, currency)
        (issuedAt, dueAt) = (invoice.issuedAt, invoice.dueAt)
        (paidAt, voidedAt) = (Nullable(invoice.paidAt), Nullable(invoice.voidedAt))
        periodStart = Nullable(invoice.period?.lowerBound)
        periodEnd = Nullable(invoice.period?.upperBound)
        corrects = Nullable(try invoice.correctsID.flatMap { try Invoices.find(id: $0, db)?.number })
        (taxes, discounts) = Self.parts(invoice.papers, in: currency)
        memo = invoice.papers.memo
        hostedInvoiceURL = Nullable(invoice.number.map { _ in links.page(invoice.id) })
        invoicePDF = Nullable(invoice.number.map { _ in links.pdf(invoice.id) })
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
    let periodStart: Nullable<Timestamp>
    let periodEnd: Nullable<Timestamp>
    /// How many events the line was computed from, from which to which, and what they add up to.
    let events: Nullable<Int64>
    let firstEventID: Nullable<Int64>
    let lastEventID: Nullable<Int64>
    let digest: Nullable<String>

    enum CodingKeys: String, CodingKey {
        case description, kind, quantity, amount, discount, tax, total, meter, backend, item, events, digest
        case unitPrice = "unit_price"
        case periodStart = "period_start"
        case periodEnd = "period_end"
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
        periodStart = Nullable(line.period?.lowerBound)
        periodEnd = Nullable(line.period?.upperBound)
        events = Nullable(line.evidence?.events)
        firstEventID = Nullable(line.evidence?.ids?.lowerBound)
        lastEventID = Nullable(line.evidence?.ids?.upperBound)
        digest = Nullable(line.evidence?.digest)
    }
}

/// One invoice with its lines, who buys and who sells as it was when it was made out, and what corrects it.
struct InvoiceAnswer: JSONOutput {
    struct Party: Codable, Sendable {
        let name: Nullable<String>
        let email: Nullable<String>
        let address: Nullable<String>
        let country: Nullable<String>
        let taxID: Nullable<String>

        enum CodingKeys: String, CodingKey {
            case name, email, address, country
            case taxID = "tax_id"
        }

        init(_ party: InvoicePapers.Party) {
            (name, email, address) = (Nullable(party.name), Nullable(party.email), Nullable(party.address))
            (country, taxID) = (Nullable(party.country), Nullable(party.taxID))
        }
    }

    struct Correction: Codable, Sendable {
        let number: String
        let kind: String
        let total: Amount
        let issuedAt: Timestamp

        enum CodingKeys: String, CodingKey {
            case number, kind, total
            case issuedAt = "issued_at"
        }
    }

    let invoice: InvoiceView
    let lines: [InvoiceLineView]
    let buyer: Party
    let seller: Party
    /// Credit notes, and invoices for what was asked too little.
    let corrections: [Correction]

    init(_ invoice: Invoices.Invoice, _ links: InvoiceLinks, _ db: borrowing Database) throws {
        self.invoice = try InvoiceView(invoice, links, db)
        lines = try InvoiceLines.of(invoice.id, db).map { InvoiceLineView($0, in: invoice.currency) }
        (buyer, seller) = (Party(invoice.papers.buyer), Party(invoice.papers.seller))
        corrections = try InvoiceAmendments.of(invoice.id, db).map { note in
            Correction(
                number: note.number,
                kind: note.kind.rawValue,
                total: Amount(note.total, invoice.currency),
                issuedAt: note.issuedAt
            )
        }
    }

    /// - Throws: ``Failure`` 404.
    init(id: Int64, _ links: InvoiceLinks, _ db: borrowing Database) throws {
        guard let invoice = try Invoices.find(id: id, db) else { throw Failure.notFound("There is no such invoice") }
        try self.init(invoice, links, db)
    }
}
