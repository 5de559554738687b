import Storage
import Web

/// What a draft would say if it were made out now, with discounts, taxes and credit.
struct InvoiceEstimate: JSONOutput {
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

    /// - Throws: ``PricingFault``.
    init(_ draft: InvoiceDraft, _ db: borrowing Database) throws {
        let (draft, currency) = (try draft.balanced(), draft.currency)
        let terms = try InvoiceTerms.of(draft.accountID, draft.reason, in: currency, db)
        let bill = try draft.bill(terms)
        let credit = min(Cents(bill.total.minor), max(.zero, try Ledger.credit(of: draft.accountID, db)))
        self.currency = currency.code
        (periodStart, periodEnd) = (Nullable(draft.period?.lowerBound), Nullable(draft.period?.upperBound))
        subtotal = Amount(bill.subtotal)
        discount = Amount(bill.discount, currency)
        tax = Amount(bill.tax, currency)
        total = Amount(bill.total)
        self.credit = Amount(credit, currency)
        amountDue = Amount(Cents(bill.total.minor) - credit, currency)
        (taxes, discounts) = InvoiceView.parts(terms.papers(of: bill, memo: ""), in: currency)
        lines = zip(draft.lines, bill.lines).map { InvoiceLineView(InvoiceLines.Line($0, $1), in: currency) }
    }
}
