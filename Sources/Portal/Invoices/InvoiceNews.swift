import Storage

/// Tells of what becomes of invoices, by webhook and by mail. The collection of what is owed begins here too.
enum InvoiceNews {
    /// - Parameters:
    ///   - now: the house's time, in which deliveries are made.
    static func finalized(_ invoice: Invoices.Invoice, at now: Timestamp, _ db: borrowing Database) throws {
        guard let told = InvoicePayload(invoice) else { return }
        try Webhooks.publish(.invoiceCreated, account: invoice.accountID, data: told, at: now, db)
        try Webhooks.publish(.invoiceFinalized, account: invoice.accountID, data: told, at: now, db)
        try InvoiceMail.queue(.issued, of: invoice, at: now, db)
    }

    static func paid(_ invoice: Invoices.Invoice, at now: Timestamp, _ db: borrowing Database) throws {
        guard let told = InvoicePayload(invoice) else { return }
        try Webhooks.publish(.invoicePaid, account: invoice.accountID, data: told, at: now, db)
        try Dunning.review(invoice.accountID, at: now, db)
        // What credit covers as it is made out needs no receipt: the invoice's own mail says so.
        if invoice.paidAt != invoice.issuedAt { try InvoiceMail.queue(.paid, of: invoice, at: now, db) }
    }

    static func voided(_ invoice: Invoices.Invoice, at now: Timestamp, _ db: borrowing Database) throws {
        guard let told = InvoicePayload(invoice) else { return }
        try Webhooks.publish(.invoiceVoided, account: invoice.accountID, data: told, at: now, db)
        try Dunning.review(invoice.accountID, at: now, db)
    }

    static func credited(
        _ note: Invoices.Invoice,
        byMail: Bool,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        guard let told = InvoicePayload(note) else { return }
        try Webhooks.publish(.creditNoteIssued, account: note.accountID, data: told, at: now, db)
        try Dunning.review(note.accountID, at: now, db)
        if byMail { try InvoiceMail.queue(.credited, of: note, at: now, db) }
    }

    static func voided(note: Invoices.Invoice, at now: Timestamp, _ db: borrowing Database) throws {
        guard let told = InvoicePayload(note) else { return }
        try Webhooks.publish(.creditNoteVoided, account: note.accountID, data: told, at: now, db)
    }
}

extension InvoicePayload {
    /// Nil for a draft, which nobody is told of.
    fileprivate init?(_ invoice: Invoices.Invoice) {
        guard let number = invoice.number else { return nil }
        self.init(
            invoiceID: invoice.id,
            number: number,
            amount: Amount(invoice.total, invoice.currency),
            currency: invoice.currency.code,
            issuedAt: invoice.issuedAt,
            dueAt: invoice.dueAt
        )
    }
}
