import Storage
import Web

/// Computes an invoice once more, from the raw events and the prices in force, and says where it differs.
///
/// Nothing that was rolled up is read: events are counted and hashed one by one, lines priced from these counts,
/// taxes from the lines, and the sum is held against the entries in the ledger.
struct InvoiceVerification: JSONOutput {
    struct Line: Codable, Sendable {
        let position: Int
        let description: String
        /// In minor units, as are all amounts here.
        let amount: Int64
        /// Null for what has no events behind it, such as a fee.
        let events: Nullable<Int64>
        let firstEventID: Nullable<Int64>
        let lastEventID: Nullable<Int64>
        let digest: Nullable<String>
        let isEqual: Bool

        enum CodingKeys: String, CodingKey {
            case position, description, amount, events, digest
            case firstEventID = "first_event_id"
            case lastEventID = "last_event_id"
            case isEqual = "equal"
        }
    }

    let number: String
    let currency: String
    let total: Amount
    let isEqual: Bool
    let lines: [Line]
    /// A sentence for each thing that is not as computed.
    let differences: [String]

    enum CodingKeys: String, CodingKey {
        case number, currency, total, lines, differences
        case isEqual = "equal"
    }

    init(_ invoice: Invoices.Invoice, _ db: borrowing Database) throws {
        var audit = InvoiceAudit(invoice: invoice, lines: try InvoiceLines.of(invoice.id, db))
        try audit.run(db)
        (number, currency) = (invoice.number ?? "", invoice.currency.code)
        total = Amount(invoice.total, invoice.currency)
        let wrong = audit.wrongLines
        lines = audit.lines.enumerated().map { position, line in
            Line(
                position: position,
                description: line.description,
                amount: line.amount.value,
                events: Nullable(line.evidence?.events),
                firstEventID: Nullable(line.evidence?.ids?.lowerBound),
                lastEventID: Nullable(line.evidence?.ids?.upperBound),
                digest: Nullable(line.evidence?.digest),
                isEqual: !wrong.contains(position)
            )
        }
        differences = audit.differences
        isEqual = differences.isEmpty
    }
}

/// Goes through an invoice's lines.
struct InvoiceAudit {
    let invoice: Invoices.Invoice
    let lines: [InvoiceLines.Line]
    private(set) var differences: [String] = []
    private(set) var wrongLines: Set<Int> = []

    init(invoice: Invoices.Invoice, lines: [InvoiceLines.Line]) {
        (self.invoice, self.lines) = (invoice, lines)
    }

    mutating func run(_ db: borrowing Database) throws {
        try use(db)
        try planItems(db)
        try fees()
        try sums()
        try postings(db)
    }

    private mutating func note(_ position: Int, _ sentence: String) {
        differences.append("line \(position): \(sentence)")
        wrongLines.insert(position)
    }

    /// That a line's events are there as they were. Corrections made later stand on notes of their own.
    /// - Returns: nil where the line names no events.
    private mutating func recount(_ position: Int, _ db: borrowing Database) throws -> LineRecount? {
        let line = lines[position]
        guard let evidence = line.evidence else { return nil }
        let count = try LineRecount(line, on: invoice, db)
        if count.events != evidence.events {
            note(position, "it is of \(evidence.events) events, and there are \(count.events)")
        } else if count.digest.text != evidence.digest {
            note(position, "the digest of its events is \(count.digest.text), not \(evidence.digest)")
        }
        return count
    }

    /// Use at backends' prices: running totals are rounded, from the first use of the account on.
    private mutating func use(_ db: borrowing Database) throws {
        let carried = try Invoices.carried(into: invoice.id, db).flatMap { try InvoiceLines.of($0, db) }
        var fresh: [(position: Int, count: LineRecount)] = []
        for (position, line) in lines.enumerated() where line.kind == DraftLine.Kind.usage.rawValue {
            guard let count = try recount(position, db) else { continue }
            if count.quantity != line.quantity {
                note(position, "it counts \(line.quantity), and its events count \(count.quantity)")
            }
            if let old = carried.first(where: { $0.evidence == line.evidence && $0.backend == line.backend }) {
                if old.amount != line.amount { note(position, "the voided invoice said \(old.amount.value)") }
            } else {
                fresh.append((position, count))
            }
        }
        guard let last = fresh.compactMap({ $0.count.ids?.upperBound }).max() else { return }
        let all = try UsageCorrections.charged(to: invoice.accountID, upTo: last, until: invoice.issuedAt, db)
        var running = try fresh.reduce(all) { try $0.minus($1.count.micros) }
        for (position, count) in fresh {
            let before = Dollars(micros: running).cents
            running = try running.plus(count.micros)
            let amount = Dollars(micros: running).cents - before
            if amount != lines[position].amount {
                note(position, "it says \(lines[position].amount.value), and its events come to \(amount.value)")
            }
        }
    }

    /// What a plan's item came to for the use of the period.
    private mutating func planItems(_ db: borrowing Database) throws {
        var seen: Set<String> = []
        for (position, line) in lines.enumerated() {
            guard let item = line.item, let version = line.planPriceID, line.meter != nil,
                seen.insert("\(version) \(item)").inserted
            else { continue }
            let together = lines.filter { $0.item == item && $0.planPriceID == version }
            guard let count = try recount(position, db) else { continue }
            let said = try together.reduce(Int64(0)) { try $0.plus($1.amount.value) }
            let computed = try count.amount(of: together, db)
            if said != computed {
                note(position, "\(item) comes to \(said), and its events under the plan to \(computed)")
            }
        }
    }

    /// Quantity times unit price, where a line says both and names no events.
    private mutating func fees() throws {
        for (position, line) in lines.enumerated() where line.evidence == nil && line.planPriceID != nil {
            guard let price = line.unitPrice else { continue }
            let amount = try Rounding.amount(line.quantity, at: price, for: .whole, in: invoice.currency)
            if amount != line.amount.value { note(position, "it says \(line.amount.value), not \(amount)") }
        }
    }

    private mutating func sums() throws {
        let subtotal = lines.reduce(Cents.zero) { $0 + $1.amount }
        let discount = lines.reduce(Cents.zero) { $0 + $1.discount }
        let said = [
            ("subtotal", invoice.subtotal, subtotal), ("discount", invoice.discount, discount),
            ("tax", invoice.tax, lines.reduce(Cents.zero) { $0 + $1.tax }),
            ("total", invoice.total, lines.reduce(Cents.zero) { $0 + $1.total }),
        ]
        for (name, said, computed) in said where said != computed {
            differences.append("the \(name) is \(said.value), and that of the lines \(computed.value)")
        }
        let rates = invoice.papers.taxes.map {
            TaxRate(name: $0.name, millionths: $0.rate, isInclusive: $0.inclusive)
        }
        let discounted = Money((subtotal - discount).value, invoice.currency)
        guard invoice.kind == .invoice, discounted.minor >= 0 else { return }
        for (tax, amount) in zip(invoice.papers.taxes, try TaxRate.amounts(rates, of: discounted))
        where tax.amount != amount {
            differences.append("\(tax.name) is \(tax.amount), and computed \(amount)")
        }
    }

    /// The entries that put it on the account's receivable.
    private mutating func postings(_ db: borrowing Database) throws {
        guard invoice.kind == .invoice else { return }
        let posted = try InvoicePosting.total(invoice.id, db)
        if posted != invoice.total {
            differences.append(
                "the ledger's entries come to \(posted.value), and the invoice to \(invoice.total.value)"
            )
        }
    }
}
