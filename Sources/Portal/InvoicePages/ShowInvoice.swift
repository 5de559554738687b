import Web

/// `GET /api/v1/invoices/{number}`: an invoice or credit note of the account, with its lines.
struct ShowInvoice: Endpoint {
    struct Input: Codable, Sendable {
        let number: Text<1, 64>
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> InvoiceAnswer {
        let record = try InvoiceRecord.require(number: input.number.value, for: caller, in: app)
        return try app.store.read { db in try InvoiceAnswer(record.invoice, app.invoiceLinks, db) }
    }
}

/// `GET /api/v1/invoices/{number}/pdf`.
struct PrintInvoice: Endpoint {
    static func handle(_ input: ShowInvoice.Input, by caller: Caller, in app: App) async throws -> PDFFile {
        let record = try InvoiceRecord.require(number: input.number.value, for: caller, in: app)
        return PDFFile("\(record.number).pdf", try await app.print(record))
    }
}
