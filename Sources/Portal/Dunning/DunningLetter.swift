import Storage

/// Mails about money that does not come, to those in the account who may pay.
struct DunningLetter: Equatable {
    let letter: Letter

    private init(_ subject: String, _ parts: [Letter.Part]) {
        letter = Letter(subject: subject, parts)
    }

    func queue(to accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        for email in try Accounts.emails(of: accountID, whoMay: .bill, db) {
            try Mails.queue(letter, to: email, account: accountID, at: now, db)
        }
    }

    /// - Parameter demand: nil for a top-up.
    static func failed(
        _ demand: Demand?,
        _ amount: Money,
        reason: String,
        needsAction: Bool,
        next: DunningWarning?,
        _ links: InvoiceLinks
    ) throws -> DunningLetter {
        let amount = "\(amount.text) \(amount.currency.code.uppercased())"
        let purpose = demand.map { "invoice \($0.number)" } ?? "the automatic top-up"
        let page = demand.map { links.page($0.invoiceID) } ?? links.dashboard
        if needsAction {
            return DunningLetter(
                "Please confirm a payment of \(amount)",
                [
                    .text("Your bank wants you to confirm the payment of \(amount) for \(purpose)."),
                    .link("Confirm and pay", url: page),
                ] + warning(next)
            )
        }
        return DunningLetter(
            "A payment of \(amount) has failed",
            [
                .text("We could not charge your card \(amount) for \(purpose). The bank's reason: \(reason)"),
                .text("Pay now, or give us another card."),
                .link(demand == nil ? "Open the dashboard" : "Pay \(amount)", url: page),
            ] + warning(next)
        )
    }

    static func reminder(_ demand: Demand, _ next: DunningWarning?, _ links: InvoiceLinks) -> DunningLetter {
        let isLast = next?.isNext == true
        return DunningLetter(
            isLast ? "Last reminder: invoice \(demand.number) is unpaid" : "Invoice \(demand.number) is unpaid",
            [
                .text("\(demand.text) is still owed on invoice \(demand.number), due on \(demand.dueAt.day.text)."),
                .link("Pay \(demand.text)", url: links.page(demand.invoiceID)),
            ] + warning(next)
        )
    }

    static func held(_ restriction: DunningRows.Restriction, _ demand: Demand, _ links: InvoiceLinks) -> DunningLetter {
        let (subject, words) =
            switch restriction {
            case .restricted:
                ("Your account is restricted", "use that costs anything is refused; what is free still works.")
            case .suspended:
                ("Your account is suspended", "its API keys are refused. You can still sign in and pay.")
            }
        return DunningLetter(
            subject,
            [
                .text("Invoice \(demand.number) is unpaid: \(demand.text). Until it is paid, \(words)"),
                .link("Pay \(demand.text)", url: links.page(demand.invoiceID)),
                .text("It ends by itself the moment the payment arrives."),
            ]
        )
    }

    static func canceled(_ demand: Demand, _ links: InvoiceLinks) -> DunningLetter {
        DunningLetter(
            "Your subscription has ended",
            [
                .text("Invoice \(demand.number) has stayed unpaid, so your subscription has ended."),
                .text("\(demand.text) is still owed."),
                .link("Pay \(demand.text)", url: links.page(demand.invoiceID)),
            ]
        )
    }

    static func recovered() -> DunningLetter {
        DunningLetter(
            "Your account works again",
            [.text("Thank you: your invoices are settled, and nothing is held back any more.")]
        )
    }

    static func expiring(_ method: PaymentMethods.Method, _ links: InvoiceLinks) -> DunningLetter {
        let month = "\(padded(method.expiryMonth ?? 0, to: 2))/\(method.expiryYear ?? 0)"
        return DunningLetter(
            "Your card expires soon",
            [
                .text("The card that we charge, \(method.text), expires at the end of \(month)."),
                .link("Add another card", url: links.dashboard),
            ]
        )
    }

    private static func warning(_ next: DunningWarning?) -> [Letter.Part] {
        guard let next else { return [] }
        let losses = next.actions.compactMap { action -> String? in
            switch action {
            case .restrict: "your account will be restricted to what is free"
            case .suspend: "your account will be suspended"
            case .cancel: "your subscription will end"
            case .charge, .mail, .writeOff: nil
            }
        }
        return losses.isEmpty
            ? [] : [.text("If it is not paid by \(next.day.text), \(losses.joined(separator: " and ")).")]
    }
}
