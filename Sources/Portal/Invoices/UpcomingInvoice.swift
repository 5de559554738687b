import Web

/// `GET /api/v1/invoices/upcoming`: what the next invoice would say if it were made out now, with discounts and taxes.
struct UpcomingInvoice: Endpoint {
    struct Answer: JSONOutput {
        let currency: String
        let periodStart: Nullable<Timestamp>
        let periodEnd: Nullable<Timestamp>
        let subtotal: Amount
        let discount: Amount
        let tax: Amount
        let total: Amount
        /// Credit that would be put against it.
        let credit: Amount
        let amountDue: Amount
        let taxes: [InvoiceView.Tax]
        let discounts: [InvoiceView.Discount]
        let lines: [InvoiceLineView]

        enum CodingKeys: String, CodingKey {
            case currency, subtotal, discount, tax, total, credit, taxes, discounts, lines
            case periodStart = "period_start"
            case periodEnd = "period_end"
            case amountDue = "amount_due"
        }
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try app.store.read { db in
            let draft = try Invoices.upcoming(of: accountID, at: now, db).balanced()
            let terms = try InvoiceTerms.of(accountID, draft.reason, in: draft.currency, db)
            let bill = try draft.bill(terms)
            let credit = min(Cents(bill.total.minor), max(.zero, try Ledger.credit(of: accountID, db)))
            let (taxes, discounts) = InvoiceView.parts(terms.papers(of: bill, memo: ""), in: draft.currency)
            return Answer(
                currency: draft.currency.code,
                periodStart: Nullable(draft.period?.lowerBound),
                periodEnd: Nullable(draft.period?.upperBound),
                subtotal: Amount(bill.subtotal),
                discount: Amount(bill.discount, draft.currency),
                tax: Amount(bill.tax, draft.currency),
                total: Amount(bill.total),
                credit: Amount(credit, draft.currency),
                amountDue: Amount(Cents(bill.total.minor) - credit, draft.currency),
                taxes: taxes,
                discounts: discounts,
                lines: zip(draft.lines, bill.lines).map {
                    InvoiceLineView(InvoiceLines.Line($0, $1), in: draft.currency)
                }
            )
        }
    }
}

extension Bill {
    var discount: Cents { Cents(reductions.reduce(0) { $0 + $1.amount }) }
    /// Of both kinds.
    var tax: Cents { Cents(taxes.reduce(0) { $0 + $1.amount }) }
}
