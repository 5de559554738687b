import Storage
import Web

/// An invoice or credit note with all that is shown of it, read at one moment.
struct InvoiceRecord: Sendable {
    let invoice: Invoices.Invoice
    let number: String
    let lines: [InvoiceLines.Line]
    let corrections: [InvoiceAmendments.Amendment]
    /// The number of the one that it corrects.
    let corrects: String?
    /// Whether so much can be paid online as is still owed, with what other invoices leave.
    let isChargeable: Bool
    /// The account's, to tell what is overdue by.
    let now: Timestamp

    /// Nil for a draft, which nobody sees.
    static func find(_ id: Int64, at now: Timestamp, _ db: borrowing Database) throws -> InvoiceRecord? {
        guard let invoice = try Invoices.find(id: id, db), let number = invoice.number else { return nil }
        return InvoiceRecord(
            invoice: invoice,
            number: number,
            lines: try InvoiceLines.of(id, db),
            corrections: try InvoiceAmendments.of(id, db),
            corrects: try invoice.correctsID.flatMap { try Invoices.find(id: $0, db)?.number },
            isChargeable: try Demand.find(id, db)?.isChargeable == true,
            now: try Accounts.time(of: invoice.accountID, at: now, db)
        )
    }

    /// - Throws: ``Failure`` 404, for another account's too.
    static func require(number: String, for caller: Caller, in app: App) throws -> InvoiceRecord {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try app.store.read { db in
            guard let invoice = try Invoices.find(number: number, db), invoice.accountID == accountID,
                let record = try find(invoice.id, at: now, db)
            else { throw Failure.notFound("Invoice not found") }
            return record
        }
    }

    /// - Throws: ``Failure`` 404, the same for whatever is no link of ours.
    static func require(token: String, in app: App) throws -> InvoiceRecord {
        let now = app.now()
        guard let id = app.invoiceLinks.invoiceID(token),
            let record = try app.store.read({ db in try find(id, at: now, db) })
        else { throw Failure.notFound("There is no such invoice") }
        return record
    }

    /// What is owed waits for the next payment.
    var isCarried: Bool { invoice.owed > .zero && !isChargeable }
    var isOverdue: Bool { invoice.owed > .zero && invoice.dueAt < now }
}
