import Storage
import Web

/// Tells of a charge that failed, or that the bank wants to be confirmed.
struct ChargeNews {
    private let attempt: ChargeAttempts.Attempt
    private let result: ChargeResult

    init(_ attempt: ChargeAttempts.Attempt, _ result: ChargeResult) {
        (self.attempt, self.result) = (attempt, result)
    }

    func tell(byMail: Bool, _ links: InvoiceLinks, at now: Timestamp, _ db: borrowing Database) throws {
        let accountID = attempt.accountID
        let demand = try attempt.invoiceID.flatMap { try Demand.find($0, db) }
        let amount = Amount(attempt.amount)
        let code = result.code
        let told = PaymentFailurePayload(
            amount: amount,
            currency: attempt.amount.currency.code,
            code: code,
            reason: result.message,
            invoice: Nullable(demand?.number),
            paymentID: Nullable(result.providerID)
        )
        try Webhooks.publish(.paymentFailed, account: accountID, data: told, at: now, db)
        try Notifications.add(
            .paymentFailed,
            "A payment has failed",
            "\(amount.text) \(attempt.amount.currency.code.uppercased()) could not be charged. \(result.message)",
            account: accountID,
            at: now,
            db
        )
        try Audit.record(
            .chargeFailed,
            byItself: "stripe",
            account: accountID,
            target: "charge:\(attempt.key)",
            detail: [
                .init("amount", .string(amount.text)), .init("currency", .string(attempt.amount.currency.code)),
                .init("code", .string(code)),
            ],
            at: now,
            db
        )
        if let invoiceID = attempt.invoiceID { try Dunning.noteFailure(invoiceID, accountID, at: now, db) }
        guard byMail else { return }
        let needsAction = result.status == .needsAction
        let letter = try DunningLetter.failed(
            demand,
            Money(attempt.amount.minor, attempt.amount.currency),
            reason: result.message,
            needsAction: needsAction,
            next: try demand.flatMap { try Dunning.nextTaking(of: $0, db) },
            links
        )
        try letter.queue(to: accountID, at: now, db)
    }
}
