import Storage

/// What of a payment goes back to the payer, and where it is taken from.
///
/// It is computed anew each time from the refunds and disputes as they are now, and only the difference to what was
/// posted before is posted: so it does not matter in which order they were reported, nor how often.
///
/// - A refund takes what the payment left as credit and is still there; then it comes off the invoices that the payment
///   paid, by a credit note (``RefundNotes``); the rest, which no invoice asked for, off our revenue. What it had paid
///   for stays paid.
/// - A dispute holds its amount back as long as it is open. Won, it comes back. Lost, what is left of the payment as
///   credit is taken after all refunds; the rest is our loss. What it had paid for stays paid: asking the same card for
///   the same again is what the provider forbids.
struct GivingBack {
    let payment: Payments.Payment
    let refunded: Cents
    /// Held back by disputes that are open.
    let held: Cents
    let lost: Cents

    /// - Parameter disputed: what open and lost disputes are about.
    init(
        _ payment: Payments.Payment,
        refunds: Refunds.Sums,
        disputed: (held: Cents, lost: Cents)
    ) {
        self.payment = payment
        // What is known one by one, or what the provider told in all, less what never arrived.
        let wanted = max(.zero, max(refunds.good, payment.refundsTold - refunds.failed))
        refunded = min(wanted, payment.amount)
        lost = min(disputed.lost, payment.amount - refunded)
        held = min(disputed.held, payment.amount - refunded - lost)
    }

    /// Brings the books and the payment's row to where they should be.
    /// - Returns: whether anything has changed.
    static func settle(
        _ payment: Payments.Payment,
        at now: Timestamp,
        _ links: InvoiceLinks,
        _ db: borrowing Database
    ) throws -> Bool {
        let back = GivingBack(
            payment,
            refunds: try Refunds.sums(of: payment.id, db),
            disputed: try Disputes.sums(of: payment.id, db)
        )
        let time = try Accounts.time(of: payment.accountID, at: now, db)
        guard let posted = try back.post(at: now, time, db) else { return false }
        try Payments.set(refunded: back.refunded, disputed: back.held + back.lost, of: payment.id, db)
        try Conversions.follow(payment, isDispute: back.held + back.lost > payment.disputed, at: now, db)
        guard back.refunded != payment.refunded else { return true }
        let news = back.refunded - payment.refunded
        let letter = RefundLetter(payment, news: news, left: back.left, posted, links)
        try letter.queue(at: now, db)
        let told = RefundPayload(
            paymentID: payment.providerID,
            amount: Amount(news, payment.currency),
            refunded: Amount(back.refunded, payment.currency),
            currency: payment.currency.code
        )
        try Webhooks.publish(.paymentRefunded, account: payment.accountID, data: told, at: now, db)
        try Audit.record(
            .paymentRefunded,
            byItself: "stripe",
            account: payment.accountID,
            target: "payment:\(payment.providerID)",
            detail: [.init("amount", .string(Money(news.value, payment.currency).text))],
            at: now,
            db
        )
        return true
    }

    /// What neither has gone back nor is held back.
    private var left: Cents { payment.amount - refunded - held - lost }

    /// What was taken for a refund, as the payer is told.
    struct Posted {
        let notes: [Invoices.Invoice]
        let fromCredit: Cents
    }

    /// - Parameter time: the account's own.
    /// - Returns: nil where everything was as it should be.
    private func post(at now: Timestamp, _ time: Timestamp, _ db: borrowing Database) throws -> Posted? {
        let (sums, count) = try PaymentUses.sums(of: payment.id, db)
        let fromCredit = try fromCredit(sums, db)
        let notes = try RefundNotes(refunded - fromCredit.refunds, of: payment, sums, db)
        var steps: [Ledger.Side: Int64] = [:]
        for (place, amount) in places(fromCredit, noted: notes.total) {
            let step = amount + (sums[place] ?? .zero)
            guard step != .zero else { continue }
            try PaymentUses.insert(payment.id, place, -step, at: time, db)
            steps[place.side, default: 0] += step.value
            steps[.cash, default: 0] -= step.value
        }
        let credit = Cents(steps[.credit] ?? 0)
        if credit > .zero { _ = try CreditGrants.takeBack(credit, ofPayment: payment.providerID, db) }
        try post(steps, number: count, at: time, db)
        if credit < .zero { try grantAgain(-credit, at: time, db) }
        guard !steps.isEmpty || notes.isNews else { return nil }
        return Posted(notes: try notes.post(at: now, time, db), fromCredit: max(.zero, credit))
    }

    /// What was taken of the payment's credit is there again.
    private func grantAgain(_ amount: Cents, at now: Timestamp, _ db: borrowing Database) throws {
        _ = try CreditGrants.give(
            amount,
            kind: .paid,
            name: "Payment",
            to: payment.accountID,
            providerID: payment.providerID,
            at: now,
            db
        )
    }

    /// What of the credit that the payment left is to be taken in all: by refunds first.
    private func fromCredit(
        _ sums: [PaymentUses.Place: Cents],
        _ db: borrowing Database
    ) throws -> (refunds: Cents, loss: Cents) {
        typealias Place = PaymentUses.Place
        let taken = [Place(cause: .refund, side: .credit), Place(cause: .dispute, side: .credit)].reduce(Cents.zero) {
            $0 - (sums[$1] ?? .zero)
        }
        let left = try CreditGrants.left(ofPayment: payment.providerID, of: payment.accountID, db)
        let forRefunds = min(refunded, left + taken)
        return (forRefunds, min(lost, left + taken - forRefunds))
    }

    /// How much is to be taken in all, by place, without credit notes.
    private func places(
        _ fromCredit: (refunds: Cents, loss: Cents),
        noted: Cents
    ) -> [(PaymentUses.Place, Cents)] {
        typealias Place = PaymentUses.Place
        return [
            (Place(cause: .refund, side: .credit), fromCredit.refunds),
            (Place(cause: .refund, side: .revenue), refunded - fromCredit.refunds - noted),
            (Place(cause: .dispute, side: .credit), fromCredit.loss),
            (Place(cause: .dispute, side: .loss), lost - fromCredit.loss),
            (Place(cause: .dispute, side: .disputed), held),
        ]
    }

    /// Posts what each side takes (positive) from those that give; together they are nothing.
    private func post(
        _ steps: [Ledger.Side: Int64],
        number: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        var giving = steps.filter { $0.value < 0 }.sorted { $0.key.rawValue < $1.key.rawValue }[...]
        for (debit, amount) in steps.filter({ $0.value > 0 }).sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            var rest = amount
            while rest > 0, let (credit, there) = giving.popFirst() {
                let part = min(rest, -there)
                rest -= part
                if -there > part { giving = [(key: credit, value: there + part)] + giving }
                let isDispute = [debit, credit].contains { $0 == .disputed || $0 == .loss }
                let entry = Ledger.Entry(
                    accountID: payment.accountID,
                    debit: debit,
                    credit: credit,
                    amount: Cents(part),
                    reason: isDispute ? "dispute" : "refund",
                    reference: "stripe:\(payment.providerID):back:\(number):\(debit.rawValue):\(credit.rawValue)",
                    postedAt: now,
                    currency: payment.currency.code
                )
                try Ledger.post(entry, db)
            }
        }
    }
}
