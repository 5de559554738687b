import Web

/// `GET /api/v1/credit-notes`: the account's, newest first.
struct ListCreditNotes: Endpoint {
    struct Input: Codable, Sendable {
        let limit: Whole<1, 200>?
        /// `next_cursor` of the page before.
        let cursor: InvoiceCursor?
    }

    struct Answer: JSONOutput {
        let data: [InvoiceView]
        /// Null on the last page.
        let nextCursor: Nullable<InvoiceCursor>

        enum CodingKeys: String, CodingKey {
            case data
            case nextCursor = "next_cursor"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let limit = input.limit?.value ?? 50
        return try app.store.read { db in
            let after = input.cursor?.position ?? .first
            // One more than is shown tells whether there is another page.
            let notes = try Invoices.page(of: accountID, .creditNote, after: after, limit: limit + 1, db)
            let shown = notes.prefix(Int(limit))
            return Answer(
                data: try shown.map { try InvoiceView($0, app.invoiceLinks, db) },
                nextCursor: Nullable(notes.count > shown.count ? shown.last.map(InvoiceCursor.init) : nil)
            )
        }
    }
}

/// A place in a list of invoices: opaque text to clients.
struct InvoiceCursor: Codable, Sendable, Documented {
    let position: Invoices.Position

    static var schema: Schema { .string(min: 3, max: 40, pattern: "^[0-9]+-[0-9]+$", format: nil) }
    static var sample: InvoiceCursor { InvoiceCursor(issuedAt: 1_767_225_600_000, id: 1) }

    private init(issuedAt: Int64, id: Int64) {
        position = Invoices.Position(issuedAt: Timestamp(milliseconds: issuedAt), id: id)
    }

    init(_ invoice: Invoices.Invoice) {
        self.init(issuedAt: invoice.issuedAt.milliseconds, id: invoice.id)
    }

    init(from decoder: any Decoder) throws {
        let parts = try decoder.singleValueContainer().decode(String.self).split(separator: "-")
        guard parts.count == 2, let issuedAt = Int64(parts[0]), let id = Int64(parts[1]) else {
            throw ValueFault("must be the next_cursor of a page")
        }
        self.init(issuedAt: issuedAt, id: id)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode("\(position.issuedAt.milliseconds)-\(position.id)")
    }
}
