import Storage

/// Tells those who pay that part of a payment went back, or that it did not arrive after all.
struct RefundLetter {
    let letter: Letter
    private let accountID: Int64

    /// - Parameters:
    ///   - news: what went back more than before; below zero, what did not arrive.
    ///   - left: of the payment, after it.
    init(
        _ payment: Payments.Payment,
        news: Cents,
        left: Cents,
        _ posted: GivingBack.Posted,
        _ links: InvoiceLinks
    ) {
        accountID = payment.accountID
        let money = { (amount: Cents) in InvoiceWords.money(amount, payment.currency) }
        let of = "your payment of \(money(payment.amount)) from \(InvoiceWords.date(payment.paidAt))"
        guard news > .zero else {
            letter = Letter(
                subject: "A refund of \(money(-news)) did not arrive",
                [
                    .text(
                        "\(money(-news)) of \(of) should have gone back to you, and your bank did not take it. "
                            + "We have the money again."
                    ),
                    .text("Please write to us if you still expect it."),
                    .link("Open the dashboard", url: links.dashboard),
                ]
            )
            return
        }
        var parts = [Letter.Part.text("We have given back \(money(news)) of \(of). Banks take some days to show it.")]
        if posted.fromCredit > .zero {
            parts.append(.text("\(money(posted.fromCredit)) of it was credit that you had not used."))
        }
        for note in posted.notes {
            let number = note.number ?? ""
            parts.append(.text("\(note.description): \(money(note.total)), by the credit note \(number)."))
            parts.append(.link("See the credit note \(number)", url: links.page(note.id)))
        }
        parts.append(.text(left > .zero ? "\(money(left)) of the payment is left." : "Nothing of the payment is left."))
        letter = Letter(subject: "We have given back \(money(news))", parts)
    }

    func queue(at now: Timestamp, _ db: borrowing Database) throws {
        for address in try InvoiceMail.addresses(of: accountID, db) {
            try Mails.queue(letter, to: address, account: accountID, at: now, db)
        }
    }
}
