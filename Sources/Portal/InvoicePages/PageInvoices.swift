import Web

/// `GET /api/v1/invoices`: the account's invoices, newest first, without their lines.
struct PageInvoices: Endpoint {
    struct Input: Codable, Sendable {
        let status: Invoices.Status?
        let limit: Whole<1, 100>?
        /// `next_cursor` of the page before.
        let cursor: InvoiceCursor?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> ListCreditNotes.Answer {
        let accountID = try caller.requireHolder().accountID
        let limit = input.limit?.value ?? 25
        return try app.store.read { db in
            // One more than is shown tells whether there is another page.
            let found = try Invoices.page(
                of: accountID,
                status: input.status,
                after: input.cursor?.position ?? .first,
                limit: limit + 1,
                db
            )
            let shown = found.prefix(Int(limit))
            return ListCreditNotes.Answer(
                data: try shown.map { try InvoiceView($0, app.invoiceLinks, db) },
                nextCursor: Nullable(found.count > shown.count ? shown.last.map(InvoiceCursor.init) : nil)
            )
        }
    }
}
