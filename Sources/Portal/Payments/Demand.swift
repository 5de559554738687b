import Storage

/// What an invoice still asks for.
struct Demand: Sendable {
    let invoiceID: Int64
    let accountID: Int64
    let number: String
    let status: Invoices.Status
    let owed: Cents
    /// What other invoices of the account ask for that is too small to be paid by itself: a payment of this one takes
    /// it along.
    let carried: Cents
    let currency: Currency
    let dueAt: Timestamp

    var isOwed: Bool { owed > .zero }
    /// What a payment of it is of.
    var payable: Money { Money((owed + carried).value, currency) }
    /// Whether the provider would take so much at once.
    var isChargeable: Bool { isOwed && TooSmall(payable) == nil }
    var amount: Amount { Amount(owed, currency) }
    /// `49.00 USD`
    var text: String { "\(Money(owed.value, currency).text) \(currency.code.uppercased())" }

    /// Nil for what is no invoice with a number.
    private init?(_ invoice: Invoices.Invoice?, _ db: borrowing Database) throws {
        guard let invoice, invoice.kind == .invoice, let number = invoice.number else { return nil }
        (invoiceID, accountID, self.number) = (invoice.id, invoice.accountID, number)
        (status, owed, currency, dueAt) = (invoice.status, invoice.owed, invoice.currency, invoice.dueAt)
        let others = owed > .zero ? try Invoices.open(of: accountID, db).filter { $0.id != invoice.id } : []
        let least = invoice.currency.leastCharge
        carried = others.reduce(.zero) { $1.owed < least ? $0 + $1.owed : $0 }
    }

    static func find(_ invoiceID: Int64, _ db: borrowing Database) throws -> Demand? {
        try Demand(try Invoices.find(id: invoiceID, db), db)
    }

    /// Nil also for another account's.
    static func find(number: String, of accountID: Int64, _ db: borrowing Database) throws -> Demand? {
        guard let demand = try Demand(try Invoices.find(number: number, db), db), demand.accountID == accountID else {
            return nil
        }
        return demand
    }
}
