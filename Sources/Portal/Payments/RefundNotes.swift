import Storage

/// What of a payment's refunds comes off the invoices that it paid: a credit note for each takes back revenue and taxes
/// in the proportions of the invoice's lines, and the invoice stays paid.
///
/// It says which notes there should be, and posts the difference to those there are. Of a refund that failed the notes
/// are taken back.
struct RefundNotes {
    private struct Note {
        let id: Int64
        let invoiceID: Int64?
        let amount: Cents
    }

    private let payment: Payments.Payment
    /// The newest first.
    private var voided: [Note] = []
    private var issued: [(invoiceID: Int64, amount: Cents)] = []
    /// What all notes come to once these are posted.
    private(set) var total = Cents.zero

    /// - Parameters:
    ///   - amount: what went back beyond the credit that was left of the payment.
    ///   - sums: of the payment's uses.
    init(
        _ amount: Cents,
        of payment: Payments.Payment,
        _ sums: [PaymentUses.Place: Cents],
        _ db: borrowing Database
    ) throws {
        self.payment = payment
        var notes: [Note] = []
        for (place, sum) in sums where sum < .zero {
            guard let id = place.noteID else { continue }
            notes.append(Note(id: id, invoiceID: try Invoices.find(id: id, db)?.correctsID, amount: -sum))
        }
        notes.sort { $0.id > $1.id }
        for (invoiceID, paid) in try PaymentUses.invoices(of: payment.id, db) {
            guard let invoice = try Invoices.find(id: invoiceID, db) else { continue }
            let ours = notes.filter { $0.invoiceID == invoiceID }
            var noted = ours.reduce(Cents.zero) { $0 + $1.amount }
            // Other notes may have taken from it too.
            let room = max(.zero, try CreditNotes.left(of: invoice, db) + noted)
            let most = min(amount - total, min(paid, room))
            let part = Cents(most.value - most.value % payment.currency.step)
            total = total + part
            for note in ours where noted > part {
                voided.append(note)
                noted = noted - note.amount
            }
            if noted < part { issued.append((invoiceID, part - noted)) }
        }
    }

    var isNews: Bool { !voided.isEmpty || !issued.isEmpty }

    /// - Parameters:
    ///   - time: the account's own.
    /// - Returns: the notes that were made out.
    func post(at now: Timestamp, _ time: Timestamp, _ db: borrowing Database) throws -> [Invoices.Invoice] {
        for note in voided {
            try use(note.amount, of: note.id, at: time, db)
            try post(.cash, .credit, note.amount, "\(note.id):void", at: time, db)
            try CreditNotes.void(note.id, at: now, db)
        }
        return try issued.map { invoiceID, amount in
            let reason = "Paid back to where the payment came from"
            let note = try CreditNotes.issue(invoiceID, .amount(amount), to: .payer, reason: reason, at: now, db)
            try use(-amount, of: note.id, at: time, db)
            try post(.credit, .cash, amount, "\(note.id)", at: time, db)
            return note
        }
    }

    private func use(_ amount: Cents, of noteID: Int64, at time: Timestamp, _ db: borrowing Database) throws {
        let place = PaymentUses.Place(cause: .refund, side: .revenue, noteID: noteID)
        try PaymentUses.insert(payment.id, place, amount, at: time, db)
    }

    private func post(
        _ debit: Ledger.Side,
        _ credit: Ledger.Side,
        _ amount: Cents,
        _ name: String,
        at time: Timestamp,
        _ db: borrowing Database
    ) throws {
        let entry = Ledger.Entry(
            accountID: payment.accountID,
            debit: debit,
            credit: credit,
            amount: amount,
            reason: "refund",
            reference: "stripe:\(payment.providerID):back:note:\(name)",
            postedAt: time,
            currency: payment.currency.code
        )
        try Ledger.post(entry, db)
    }
}
