import Storage

/// What an invoice still asks for.
struct Demand: Sendable {
    let invoiceID: Int64
    let accountID: Int64
    let number: String
    let status: Invoices.Status
    let owed: Cents
    let currency: Currency
    let dueAt: Timestamp

    var isOwed: Bool { owed > .zero }
    /// Whether the provider would take so much at once: 0.50 of dollars, euros and their like, 50 of yen
    /// (docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).
    var isChargeable: Bool { owed >= Cents(currency.minorDigits > 2 ? 500 : 50) }
    var amount: Amount { Amount(owed, currency) }
    /// `49.00 USD`
    var text: String { "\(Money(owed.value, currency).text) \(currency.code.uppercased())" }

    /// Nil for what is no invoice with a number.
    private init?(_ invoice: Invoices.Invoice?) {
        guard let invoice, invoice.kind == .invoice, let number = invoice.number else { return nil }
        (invoiceID, accountID, self.number) = (invoice.id, invoice.accountID, number)
        (status, owed, currency, dueAt) = (invoice.status, invoice.owed, invoice.currency, invoice.dueAt)
    }

    static func find(_ invoiceID: Int64, _ db: borrowing Database) throws -> Demand? {
        Demand(try Invoices.find(id: invoiceID, db))
    }

    /// Nil also for another account's.
    static func find(number: String, of accountID: Int64, _ db: borrowing Database) throws -> Demand? {
        guard let demand = Demand(try Invoices.find(number: number, db)), demand.accountID == accountID else {
            return nil
        }
        return demand
    }
}
