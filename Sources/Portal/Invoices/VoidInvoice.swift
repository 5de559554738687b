import Storage
import Web

extension Invoices {
    /// Takes an unpaid invoice back: the use it asked for is unbilled again and stands on the next one, what it alone
    /// had earned is not, and its number stays used.
    /// - Throws: ``Failure`` 409 once something of it was paid, credited or written off.
    static func void(_ id: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        guard let invoice = try find(id: id, db), invoice.kind == .invoice,
            invoice.status == .open || invoice.status == .uncollectible,
            invoice.owed == invoice.total
        else { throw Failure.conflict("Only an unpaid invoice can be voided") }
        let voidedAt = try Accounts.time(of: invoice.accountID, at: now, db)
        try setVoid(id, at: voidedAt, db)
        try InvoicePosting.takeBack(id, at: voidedAt, db)
        for discount in invoice.papers.discounts {
            try AccountCoupons.giveBack(code: discount.code, to: invoice.accountID, db)
        }
        try InvoiceNews.voided(invoice, at: now, db)
    }

    /// Gives up what is still owed: it is a loss, and no longer asked for.
    /// - Throws: ``Failure`` 409 where nothing is owed.
    static func writeOff(_ id: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        guard let invoice = try find(id: id, db), invoice.owed > .zero else {
            throw Failure.conflict("Nothing is owed by this invoice")
        }
        let entry = Ledger.Entry(
            accountID: invoice.accountID,
            debit: .loss,
            credit: .receivable,
            amount: invoice.owed,
            reason: "written off",
            reference: "invoice:\(id):loss",
            postedAt: try Accounts.time(of: invoice.accountID, at: now, db),
            currency: invoice.currency.code
        )
        try Ledger.post(entry, db)
        try setWrittenOff(id, invoice.writtenOff + invoice.owed, db)
        try Dunning.review(invoice.accountID, at: now, db)
    }
}

/// `POST /api/v1/admin/invoices/{number}/void`.
struct VoidInvoice: Endpoint {
    struct Input: Codable, Sendable {
        let number: Text<1, 40>
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> InvoiceAnswer {
        let (now, links) = (app.now(), app.invoiceLinks)
        return try await app.commit(by: caller) { db in
            let invoice = try Invoices.require(number: input.number.value, db)
            try Invoices.void(invoice.id, at: now, db)
            try Audit.record(.invoiceVoided, invoice, by: caller, at: now, db)
            return try InvoiceAnswer(id: invoice.id, links, db)
        }
    }
}

/// `POST /api/v1/admin/invoices/{number}/write-off`: what is still owed is given up.
struct WriteOffInvoice: Endpoint {
    static func handle(_ input: VoidInvoice.Input, by caller: Caller, in app: App) async throws -> InvoiceAnswer {
        let (now, links) = (app.now(), app.invoiceLinks)
        return try await app.commit(by: caller) { db in
            let invoice = try Invoices.require(number: input.number.value, db)
            try Invoices.writeOff(invoice.id, at: now, db)
            try Audit.record(.invoiceWrittenOff, invoice, by: caller, at: now, db)
            return try InvoiceAnswer(id: invoice.id, links, db)
        }
    }
}
