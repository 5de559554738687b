import Crypto
import Outbound
import Storage
import Web

/// Mails about invoices. What waits in the outbox is only which invoice it is about and what happened: the mail is
/// written when it is sent, so it says what is true then, and the outbox holds no PDFs.
enum InvoiceMail {
    enum News: String, Sendable {
        case issued, paid, credited
    }

    /// - Parameter now: the house's time, as for all mail.
    static func queue(
        _ news: News,
        of invoice: Invoices.Invoice,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        for address in try addresses(of: invoice.accountID, db) {
            try Mails.queue(about: invoice.id, news.rawValue, to: address, account: invoice.accountID, at: now, db)
        }
    }

    /// The address of the billing profile, else those of the members who may pay.
    static func addresses(of accountID: Int64, _ db: borrowing Database) throws -> [String] {
        let profile = try BillingProfiles.find(accountID, db)
        return profile.email.isEmpty ? try Accounts.emails(of: accountID, whoMay: .bill, db) : [profile.email]
    }

    /// Nil for a mail that is about no invoice.
    /// - Throws: `Postbox.Undeliverable`, ``Failure`` 503 when too many PDFs are being made.
    static func write(_ payload: JSONValue, in app: App) async throws -> (Letter, MailAttachment)? {
        guard case .integer(let id)? = payload["invoice"] else { return nil }
        let now = app.now()
        guard let news = payload["news"]?.string.flatMap({ News(rawValue: $0) }),
            let record = try app.store.read({ db in try InvoiceRecord.find(id, at: now, db) })
        else { throw Postbox.Undeliverable.illegible }
        let pdf = MailAttachment(
            name: "\(record.number).pdf",
            type: "application/pdf",
            bytes: try await app.print(record)
        )
        let page = app.invoiceLinks.page(id)
        return (letter(news, record, page, canPay: app.stripe != nil), pdf)
    }

    static func letter(_ news: News, _ record: InvoiceRecord, _ page: String, canPay: Bool) -> Letter {
        let invoice = record.invoice
        let number = record.number
        let total = InvoiceWords.money(invoice.total, invoice.currency)
        let see = Letter.Part.link("See the invoice", url: page)
        switch news {
        case .issued where invoice.owed > .zero:
            let due = InvoiceWords.date(invoice.dueAt)
            return Letter(
                subject: "Invoice \(number): \(total), due \(due)",
                [
                    .text("Here is your invoice \(number) for \(total): \(invoice.description)."),
                    .text(
                        "\(InvoiceWords.money(invoice.owed, invoice.currency)) "
                            + (invoice.owed == invoice.total ? "is due on \(due)." : "of it is left to pay by \(due).")
                    ),
                ] + (record.isCarried ? [.text(InvoicePaper.carriedNote)] : [])
                    + [canPay && record.isChargeable ? .link("See and pay the invoice", url: page) : see]
            )
        case .issued:
            return Letter(
                subject: "Invoice \(number): \(total)",
                [
                    .text("Here is your invoice \(number) for \(total): \(invoice.description)."),
                    .text(invoice.status == .void ? "It was voided since." : "There is nothing left to pay."),
                    see,
                ]
            )
        case .paid:
            return Letter(
                subject: "Invoice \(number) is paid: \(total)",
                [.text("Thank you. Invoice \(number) for \(total) is paid in full."), see]
            )
        case .credited:
            let corrects = record.corrects.map { " on invoice \($0)" } ?? ""
            let memo = invoice.papers.memo.isEmpty ? [] : [Letter.Part.text("The reason: \(invoice.papers.memo)")]
            return Letter(
                subject: "Credit note \(number): \(total)",
                [.text("You were credited \(total)\(corrects); the credit note \(number) says for what.")] + memo
                    + [.link("See the credit note", url: page)]
            )
        }
    }
}
