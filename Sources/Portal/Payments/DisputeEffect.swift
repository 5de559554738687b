import Storage
import Web

/// A dispute as it is now (docs.stripe.com/disputes/how-disputes-work).
struct DisputeEffect {
    let id: String
    let payment: String
    let status: String
    /// In the provider's units.
    let amount: Int64
    let dispute: JSONValue

    /// Nil for what is no dispute of a payment intent.
    init?(_ dispute: JSONValue) {
        guard let id = dispute["id"]?.string, let payment = dispute["payment_intent"]?.string,
            let status = dispute["status"]?.string, let amount = dispute["amount"]?.integer, amount > 0
        else { return nil }
        (self.id, self.payment, self.status, self.amount, self.dispute) = (id, payment, status, amount, dispute)
    }

    func apply(at now: Timestamp, _ links: InvoiceLinks, _ db: borrowing Database) throws -> StripeEvents.Outcome {
        guard let payment = try Payments.find(payment, db) else { return .waits(payment: self.payment) }
        let money = try Money(providerAmount: amount, payment.currency)
        guard Cents(money.minor) <= Payments.most else { throw Payments.Implausible(amount: Cents(money.minor)) }
        let due = dispute["evidence_details"]?["due_by"]?.integer
        let reason = dispute["reason"]?.string ?? "general"
        let news = try Disputes.follow(
            (id, status, Cents(money.minor), reason, due.flatMap(Self.time)),
            of: payment,
            at: now,
            db
        )
        _ = try GivingBack.settle(payment, at: now, links, db)
        guard news != .none else { return .applied }
        let letter = DisputeLetter(payment, money, id: id, status: status, links: links)
        if news == .opened {
            try announce(reason, money, due.flatMap(Self.time), payment, at: now, links, db)
            if !Disputes.Status.isClosed(status) { try letter.queueOpened(at: now, db) }
        }
        if Disputes.Status.isClosed(status) {
            try record(.disputeClosed, money, payment, at: now, db)
            try letter.queueClosed(at: now, db)
        }
        let told = DisputePayload(
            disputeID: id,
            paymentID: payment.providerID,
            status: status,
            reason: reason,
            amount: Amount(money),
            currency: payment.currency.code
        )
        try Webhooks.publish(.paymentDisputed, account: payment.accountID, data: told, at: now, db)
        return .applied
    }

    private static func time(_ seconds: Int64) -> Timestamp? {
        let (milliseconds, overflows) = seconds.multipliedReportingOverflow(by: 1000)
        return overflows ? nil : Timestamp(milliseconds: milliseconds)
    }

    /// A ticket, and a mail to the operators: who does not answer in time has lost.
    private func announce(
        _ reason: String,
        _ money: Money,
        _ dueAt: Timestamp?,
        _ payment: Payments.Payment,
        at now: Timestamp,
        _ links: InvoiceLinks,
        _ db: borrowing Database
    ) throws {
        let until = dueAt.map { " Answer it at the provider by \($0.day.text)." } ?? ""
        let text =
            "The payer of \(payment.providerID), \(money.text) \(payment.currency.code) of account "
            + "\(payment.accountID), disputes it (\(reason), \(id)).\(until)"
        try PaymentTickets.open(.high, "A payment is disputed", text, account: payment.accountID, at: now, db)
        let letter = Letter(
            subject: "A payment is disputed",
            [.text(text), .link("Open the dashboard", url: links.dashboard)]
        )
        for email in try People.operatorEmails(db) {
            try Mails.queue(letter, to: email, account: payment.accountID, at: now, db)
        }
        try record(.disputeOpened, money, payment, at: now, db)
    }

    private func record(
        _ action: Audit.Action,
        _ money: Money,
        _ payment: Payments.Payment,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try Audit.record(
            action,
            byItself: "stripe",
            account: payment.accountID,
            target: "payment:\(payment.providerID)",
            detail: [
                .init("dispute", .string(id)), .init("status", .string(status)), .init("amount", .string(money.text)),
            ],
            at: now,
            db
        )
    }
}

/// Tickets that the provider's news open, in the name of the account's owner.
enum PaymentTickets {
    static func open(
        _ priority: Tickets.Priority,
        _ subject: String,
        _ message: String,
        account accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        guard let owner = try Members.list(of: accountID, db).first(where: { $0.role == .owner }) else { return }
        let request = Tickets.Request(
            accountID: accountID,
            personID: owner.id,
            priority: priority,
            subject: subject,
            message: message
        )
        _ = try Tickets.insert(request, at: now, db)
    }
}
