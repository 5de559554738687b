import Storage

/// What payments were used for, and where what went back was taken from. Every statement on `payment_use` is in this
/// file, but for the checks.
enum PaymentUses {
    enum Cause: String, Sendable { case paid, refund, dispute }

    /// A place that money of a payment is in, and why.
    struct Place: Hashable, Sendable {
        let cause: Cause
        let side: Ledger.Side
        /// The credit note by which a refund was taken off an invoice.
        var noteID: Int64?
    }

    static func insert(
        _ paymentID: Int64,
        _ place: Place,
        _ amount: Cents,
        invoiceID: Int64? = nil,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            INSERT INTO payment_use (payment_id, invoice_id, cause, side, amount, used_at) VALUES (?, ?, ?, ?, ?, ?)
            """,
            paymentID,
            place.noteID ?? invoiceID,
            place.cause.rawValue,
            place.side.rawValue,
            amount.value,
            now.milliseconds
        )
    }

    /// Sums by place, and how many uses there are.
    static func sums(of paymentID: Int64, _ db: borrowing Database) throws -> (by: [Place: Cents], count: Int64) {
        var sums: [Place: Cents] = [:]
        var count: Int64 = 0
        try db.each(
            """
            SELECT cause, side, note_id, sum(amount), count(*) FROM (
                SELECT cause, side, CASE WHEN cause = 'refund' THEN invoice_id END AS note_id, amount
                FROM payment_use WHERE payment_id = ?
            ) AS u GROUP BY cause, side, note_id
            """,
            paymentID
        ) { row in
            guard let cause = Cause(rawValue: row[0]), let side = Ledger.Side(rawValue: row[1]) else { return false }
            sums[Place(cause: cause, side: side, noteID: row[2])] = Cents(row[3])
            count += row[4]
            return true
        }
        return (sums, count)
    }

    /// What it paid of invoices, the one that it was meant for first.
    static func invoices(
        of paymentID: Int64,
        _ db: borrowing Database
    ) throws -> [(invoiceID: Int64, amount: Cents)] {
        try db.all(
            """
            SELECT invoice_id, sum(amount) FROM payment_use
            WHERE payment_id = ? AND cause = 'paid' AND invoice_id IS NOT NULL GROUP BY invoice_id ORDER BY min(id)
            """,
            paymentID
        ) { row in (row[0], Cents(row[1])) }
    }
}

/// A payment that has just come in, on its way to what it pays for.
struct Spending {
    let paymentID: Int64
    let accountID: Int64
    let providerID: String
    let currency: Currency
    let at: Timestamp

    func use(_ amount: Cents, meantFor invoiceID: Int64?, _ db: borrowing Database) throws {
        var rest = try pay(amount, meantFor: invoiceID, db)
        let unbilled = min(rest, max(.zero, try Ledger.balance(.unbilled, of: accountID, db)))
        try post(unbilled, to: .unbilled, db)
        if unbilled > .zero { try note(unbilled, .unbilled, db) }
        rest = rest - unbilled
        try post(rest, to: .credit, db)
        guard rest > .zero else { return }
        try note(rest, .credit, db)
        _ = try CreditGrants.give(rest, kind: .paid, name: "Payment", to: accountID, providerID: providerID, at: at, db)
    }

    /// - Returns: what the open invoices left.
    private func pay(_ amount: Cents, meantFor invoiceID: Int64?, _ db: borrowing Database) throws -> Cents {
        let open = try Invoices.open(of: accountID, db)
        var rest = amount
        // One that was meant for an invoice has asked for the small ones along with it.
        let least = invoiceID == nil ? Cents.zero : currency.leastCharge
        let isSmall = { (invoice: (id: Int64, owed: Cents)) in invoice.id != invoiceID && invoice.owed < least }
        let others = open.filter { $0.id != invoiceID && !isSmall($0) }
        for invoice in open.filter({ $0.id == invoiceID }) + open.filter(isSmall) + others where rest > .zero {
            let part = min(rest, invoice.owed)
            guard part > .zero else { continue }
            try Invoices.pay(invoice.id, part, at: at, db)
            try note(part, .receivable, invoiceID: invoice.id, db)
            rest = rest - part
        }
        try post(amount - rest, to: .receivable, db)
        // What is left of one may be too little to be gone after.
        if rest < amount { try Dunning.review(accountID, at: at, db) }
        return rest
    }

    private func note(_ part: Cents, _ side: Ledger.Side, invoiceID: Int64? = nil, _ db: borrowing Database) throws {
        let place = PaymentUses.Place(cause: .paid, side: side)
        try PaymentUses.insert(paymentID, place, part, invoiceID: invoiceID, at: at, db)
    }

    private func post(_ part: Cents, to side: Ledger.Side, _ db: borrowing Database) throws {
        guard part > .zero else { return }
        let entry = Ledger.Entry(
            accountID: accountID,
            debit: .cash,
            credit: side,
            amount: part,
            reason: "payment",
            reference: "stripe:\(providerID):paid:\(side.rawValue)",
            postedAt: at,
            currency: currency.code
        )
        try Ledger.post(entry, db)
    }
}
