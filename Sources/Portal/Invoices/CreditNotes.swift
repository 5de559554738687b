import Storage
import Web

/// Credit notes: what an invoice asked for too much. They take from what is still owed by it first; what was paid
/// already becomes credit, or goes back to the payer.
enum CreditNotes {
    /// What to give back, with the taxes on it.
    enum Extent: Sendable {
        /// All that is left.
        case whole
        /// So much, from all lines by what is left of each.
        case amount(Cents)
        /// From single lines, by position.
        case lines([Line])
    }

    struct Line: Sendable {
        let position: Int
        let amount: Cents
    }

    /// Where it goes.
    enum Destination: Sendable {
        /// To what is owed, and beyond that to the account's credit.
        case account
        /// Off what was paid. It stands on the account's credit, without a grant, until whoever asks has posted there,
        /// in the same transaction, that it went back.
        case payer
    }

    /// - Parameter reason: for the reader.
    /// - Returns: the credit note.
    /// - Throws: ``Failure`` 409 for an invoice that was voided or never made out, 400 for more than is left of it or
    ///   of a line.
    @discardableResult
    static func issue(
        _ invoiceID: Int64,
        _ extent: Extent,
        to destination: Destination = .account,
        reason: String,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Invoices.Invoice {
        guard let invoice = try Invoices.find(id: invoiceID, db), invoice.kind == .invoice,
            invoice.status != .draft, invoice.status != .void
        else { throw Failure.conflict("A credit note takes from an invoice that is open or paid") }
        let lines = try lines(of: invoice, extent, db)
        let total = try lines.reduce(Int64(0)) { try $0.plus($1.total.value) }
        guard total > 0 else { throw Failure.invalid("amount", "must be greater than 0") }
        let issuedAt = try Accounts.time(of: invoice.accountID, at: now, db)
        let tax = Cents(lines.reduce(0) { $0 + $1.tax.value })
        let heading = heading(of: invoice, lines, destination, reason, at: issuedAt)
        let id = try Invoices.insert(heading, lines, db)
        try Invoices.setIssued(id, number: try InvoiceSeries.creditNotes.next(db), db)
        let fromOwed = destination == .payer ? .zero : min(Cents(total), invoice.owed)
        try post(invoice, id, total: Cents(total), tax: tax, fromOwed: fromOwed, at: issuedAt, db)
        try Invoices.setSettled(note: id, credited: fromOwed, paid: Cents(total) - fromOwed, at: issuedAt, db)
        if fromOwed > .zero { try Invoices.credit(invoice.id, fromOwed, at: issuedAt, db) }
        guard let note = try Invoices.find(id: id, db) else { throw StoreError.corrupt("the credit note is gone") }
        if destination == .account {
            try CreditGrants.give(
                note.paid,
                kind: .note,
                name: "Credit note \(note.number ?? "")",
                to: note.accountID,
                at: issuedAt,
                db
            )
        }
        // What goes back to the payer has a mail of its own.
        try InvoiceNews.credited(note, byMail: destination == .account, at: now, db)
        return note
    }

    /// Takes a note for the payer back, whose money did not arrive: its number stays used. Whoever asks has posted to
    /// the account's credit, in the same transaction, what came back.
    /// - Throws: ``Failure`` 409 for a note that has taken from what was owed.
    static func void(_ id: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        guard let note = try Invoices.find(id: id, db), note.kind == .creditNote, note.status == .paid,
            note.credited == .zero
        else { throw Failure.conflict("Only a credit note for a refund can be taken back") }
        let voidedAt = try Accounts.time(of: note.accountID, at: now, db)
        try Invoices.setVoid(id, at: voidedAt, db)
        for name in ["revenue:credit", "tax:credit"] {
            let reference = "invoice:\(id):note:\(name)"
            guard let posted = try Ledger.find(reference: reference, db) else { continue }
            let entry = Ledger.Entry(
                accountID: posted.accountID,
                debit: posted.credit,
                credit: posted.debit,
                amount: posted.amount,
                reason: posted.reason,
                reference: "\(reference):void",
                postedAt: voidedAt,
                currency: posted.currency
            )
            try Ledger.post(entry, db)
        }
        try InvoiceNews.voided(note: note, at: now, db)
    }

    /// What notes may still take from an invoice: what was written off is neither owed nor paid, and there is nothing
    /// to give back of it.
    static func left(of invoice: Invoices.Invoice, _ db: borrowing Database) throws -> Cents {
        invoice.total - invoice.writtenOff - (try Invoices.noted(invoice.id, db))
    }

    private static func lines(
        of invoice: Invoices.Invoice,
        _ extent: Extent,
        _ db: borrowing Database
    ) throws -> [InvoiceLines.Line] {
        let left = try left(of: invoice, db)
        let parts = try CreditNoteParts(invoice, db)
        let lines: [InvoiceLines.Line]
        switch extent {
        case .whole: lines = try parts.spread(left)
        case .amount(let amount):
            guard amount <= left else { throw tooMuch(left, invoice) }
            lines = try parts.spread(amount)
        case .lines(let asked):
            guard Set(asked.map(\.position)).count == asked.count else {
                throw Failure.invalid("lines", "must name each line once")
            }
            lines = try asked.map { try parts.take($0.amount, from: $0.position) }
            let sum = try lines.reduce(Int64(0)) { try $0.plus($1.total.value) }
            guard Cents(sum) <= left else { throw tooMuch(left, invoice) }
        }
        guard invoice.writtenOff == .zero, lines.reduce(Cents.zero, { $0 + $1.total }) == left else { return lines }
        let given = try InvoiceLines.credited(invoice.id, db).reduce(Cents.zero) { $0 + $1.taxIncluded + $1.taxAdded }
        return parts.closing(lines, tax: invoice.tax - given)
    }

    private static func tooMuch(_ left: Cents, _ invoice: Invoices.Invoice) -> Failure {
        Failure.invalid("amount", "must be at most \(Money(left.value, invoice.currency).text), what is left of it")
    }

    private static func heading(
        of invoice: Invoices.Invoice,
        _ lines: [InvoiceLines.Line],
        _ destination: Destination,
        _ reason: String,
        at now: Timestamp
    ) -> Invoices.Heading {
        var papers = invoice.papers
        (papers.memo, papers.taxes, papers.discounts) = (reason, [], [])
        return Invoices.Heading(
            accountID: invoice.accountID,
            kind: .creditNote,
            reason: .correction,
            description: "\(destination == .payer ? "Refund" : "Credit") for \(invoice.number ?? "")",
            currency: invoice.currency,
            subtotal: Cents(lines.reduce(0) { $0 + $1.amount.value }),
            tax: Cents(lines.reduce(0) { $0 + $1.tax.value }),
            total: Cents(lines.reduce(0) { $0 + $1.total.value }),
            issuedAt: now,
            dueAt: now,
            correctsID: invoice.id,
            subscriptionID: invoice.subscriptionID,
            period: invoice.period,
            papers: papers
        )
    }

    /// Revenue and tax go back, to what is owed and, beyond that, to the account's credit.
    private static func post(
        _ invoice: Invoices.Invoice,
        _ id: Int64,
        total: Cents,
        tax: Cents,
        fromOwed: Cents,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let revenue = total - tax
        let revenueOwed = min(revenue, fromOwed)
        let taxOwed = fromOwed - revenueOwed
        let moves: [(name: String, Ledger.Side, Ledger.Side, Cents)] = [
            ("revenue:owed", .revenue, .receivable, revenueOwed), ("tax:owed", .tax, .receivable, taxOwed),
            ("revenue:credit", .revenue, .credit, revenue - revenueOwed), ("tax:credit", .tax, .credit, tax - taxOwed),
        ]
        // Rounded over several notes, a cent of tax may go the other way.
        for (name, debit, credit, amount) in moves where amount != .zero {
            let entry = Ledger.Entry(
                accountID: invoice.accountID,
                debit: amount > .zero ? debit : credit,
                credit: amount > .zero ? credit : debit,
                amount: Cents(abs(amount.value)),
                reason: "credit note",
                reference: "invoice:\(id):note:\(name)",
                postedAt: now,
                currency: invoice.currency.code
            )
            try Ledger.post(entry, db)
        }
    }
}
