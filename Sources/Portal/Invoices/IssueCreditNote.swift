import Storage
import Web

/// `POST /api/v1/admin/invoices/{number}/credit-notes`: for the whole of what is left of it, for an amount with the
/// taxes in it, or for amounts of single lines.
struct IssueCreditNote: Endpoint {
    struct Line: Codable, Sendable {
        /// Counted from 0.
        let position: Whole<0, 100_000>
        let amount: UnitPrice
    }

    struct Input: Codable, Sendable {
        let number: Text<1, 40>
        let amount: UnitPrice?
        let lines: [Line]?
        let reason: Text<1, 500>

        fileprivate func extent(in currency: Currency) throws -> CreditNotes.Extent {
            switch (amount, lines) {
            case (nil, nil): return .whole
            case (let amount?, nil): return .amount(Cents(try Money(amount, in: currency, field: "amount").minor))
            case (nil, let lines?):
                return .lines(
                    try lines.map { line in
                        let money = try Money(line.amount, in: currency, field: "lines")
                        return CreditNotes.Line(position: Int(line.position.value), amount: Cents(money.minor))
                    }
                )
            default: throw Failure.invalid("lines", "cannot be given beside an amount")
            }
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<InvoiceAnswer> {
        let (now, links) = (app.now(), app.invoiceLinks)
        return try await app.commit(by: caller) { db in
            let invoice = try Invoices.require(number: input.number.value, db)
            let note = try CreditNotes.issue(
                invoice.id,
                try input.extent(in: invoice.currency),
                reason: input.reason.value,
                at: now,
                db
            )
            try Audit.record(.creditNoteIssued, note, by: caller, at: now, db)
            return Created(try InvoiceAnswer(note, links, db))
        }
    }
}
