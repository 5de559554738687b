import Storage
import Web

/// `POST /api/v1/admin/invoices`: an invoice made out by hand, with the account's taxes.
struct CreateInvoice: Endpoint {
    struct Line: Codable, Sendable {
        let description: Text<1, 200>
        let quantity: Whole<1, 1_000_000_000>?
        let unitPrice: UnitPrice

        enum CodingKeys: String, CodingKey {
            case description, quantity
            case unitPrice = "unit_price"
        }
    }

    struct Input: Codable, Sendable {
        let accountID: Int64
        let description: Text<1, 200>?
        let memo: Text<0, 500>?
        let lines: [Line]

        enum CodingKeys: String, CodingKey {
            case description, memo, lines
            case accountID = "account_id"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<InvoiceAnswer> {
        let (now, links) = (app.now(), app.invoiceLinks)
        return try await app.commit(by: caller) { db in
            guard try Accounts.find(input.accountID, db) != nil else {
                throw Failure.invalid("account_id", "is no account's")
            }
            guard (1...100).contains(input.lines.count) else {
                throw Failure.badRequest("An invoice has 1 to 100 lines", code: "lines_out_of_bounds")
            }
            guard let invoice = try finalize(input, at: now, db) else {
                throw Failure.invalid("lines", "must come to more than 0")
            }
            try Audit.record(.invoiceCreated, invoice, by: caller, at: now, db)
            return Created(try InvoiceAnswer(invoice, links, db))
        }
    }

    private static func finalize(
        _ input: Input,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Invoices.Invoice? {
        let currency = try Accounts.currency(of: input.accountID, db)
        var draft = InvoiceDraft(
            of: input.accountID,
            in: currency,
            reason: .manual,
            description: input.description?.value ?? "Invoice"
        )
        draft.memo = input.memo?.value ?? ""
        do {
            draft.add(try input.lines.map { try line($0, currency) })
            return try Invoices.finalize(draft, at: now, db)
        } catch PricingFault.tooLarge {
            throw Failure.invalid("lines", "come to more than an invoice can say")
        }
    }

    private static func line(_ line: Line, _ currency: Currency) throws -> DraftLine {
        let quantity = line.quantity?.value ?? 1
        let amount = try Rounding.amount(quantity, at: line.unitPrice, for: .whole, in: currency)
        guard amount <= Payments.most.value else { throw PricingFault.tooLarge }
        var draft = DraftLine(
            .manual,
            line.description.value,
            Money(amount, currency),
            quantity: quantity,
            postedAs: .revenue
        )
        draft.unitPrice = line.unitPrice
        return draft
    }
}

extension Audit {
    /// What was done with an invoice or a credit note.
    static func record(
        _ action: Action,
        _ invoice: Invoices.Invoice,
        by caller: Caller,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try record(
            action,
            by: caller,
            account: invoice.accountID,
            target: "invoice:\(invoice.number ?? "")",
            detail: [
                .init("total", .string(Money(invoice.total.value, invoice.currency).text)),
                .init("currency", .string(invoice.currency.code)),
            ],
            at: now,
            db
        )
    }
}
