import Storage

/// Mails about a dispute: to those in the account who pay, and to the operators once it is decided.
struct DisputeLetter {
    private let payment: Payments.Payment
    private let amount: String
    private let id: String
    private let status: String
    private let links: InvoiceLinks

    init(_ payment: Payments.Payment, _ amount: Money, id: String, status: String, links: InvoiceLinks) {
        (self.payment, self.id, self.status, self.links) = (payment, id, status, links)
        self.amount = InvoiceWords.money(Cents(amount.minor), payment.currency)
    }

    func queueOpened(at now: Timestamp, _ db: borrowing Database) throws {
        let isInquiry = !Disputes.Status.holdsMoney(status)
        let letter = Letter(
            subject: isInquiry ? "Your bank asks about a payment" : "A payment of \(amount) is disputed",
            [
                .text(
                    "Your bank \(isInquiry ? "has asked us about" : "disputes") \(amount) of your payment of "
                        + "\(InvoiceWords.date(payment.paidAt)). The payment: \(payment.providerID)."
                ),
                .text("If that was not your wish, please tell your bank, and write to us."),
                .link("Open the dashboard", url: links.dashboard),
            ]
        )
        try queue(letter, at: now, db)
    }

    func queueClosed(at now: Timestamp, _ db: borrowing Database) throws {
        let (word, theirs) =
            switch status {
            case "won": ("stands", "The dispute is decided: the payment stands.")
            case "lost": ("has gone back", "The dispute is decided: your bank has given the money back to you.")
            default: ("stands", "Your bank's inquiry has ended: the payment stands.")
            }
        let letter = Letter(
            subject: "The disputed payment of \(amount) \(word)",
            [
                .text("\(amount) of your payment of \(InvoiceWords.date(payment.paidAt)) was disputed."), .text(theirs),
                .link("Open the dashboard", url: links.dashboard),
            ]
        )
        try queue(letter, at: now, db)
        let ours = Letter(
            subject: "A dispute has ended: \(status)",
            [
                .text(
                    "The dispute \(id) of \(payment.providerID), \(amount) of account \(payment.accountID), has ended: "
                        + "\(status)."
                ),
                .link("Open the dashboard", url: links.dashboard),
            ]
        )
        for email in try People.operatorEmails(db) {
            try Mails.queue(ours, to: email, account: payment.accountID, at: now, db)
        }
    }

    private func queue(_ letter: Letter, at now: Timestamp, _ db: borrowing Database) throws {
        for address in try InvoiceMail.addresses(of: payment.accountID, db) {
            try Mails.queue(letter, to: address, account: payment.accountID, at: now, db)
        }
    }
}
