import Storage

/// What those who pay an account's bills are told about its credit.
enum CreditLetters {
    static func low(
        _ credit: Cents,
        below: Cents,
        of accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let currency = try Accounts.currency(of: accountID, db)
        let (left, mark) = (Amount(credit, currency), Amount(below, currency))
        let letter = Letter(
            subject: "Your credit is below \(mark.text) \(currency.code.uppercased())",
            [
                .text("\(left.text) \(currency.code.uppercased()) of credit are left."),
                .text("You asked to be told below \(mark.text). Use that is not covered by credit is invoiced."),
            ]
        )
        try mail(letter, to: accountID, at: now, db)
        let payload = LowCreditPayload(credit: left, alertBelow: mark, currency: currency.code)
        try Webhooks.publish(.creditLow, account: accountID, data: payload, at: now, db)
    }

    /// Automatic top-ups have failed too often.
    static func topUpsEnded(
        _ reason: String,
        of accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let letter = Letter(
            subject: "Automatic top-ups are switched off",
            [
                .text("The last \(CreditRules.mostFailures) automatic top-ups of your credit have failed: \(reason)."),
                .text("Put your card right, then switch them on again in your billing settings."),
            ]
        )
        try mail(letter, to: accountID, at: now, db)
        try Audit.record(
            .topUpsEnded,
            byItself: "system",
            account: accountID,
            target: "account:\(accountID)",
            detail: [.init("reason", .string(reason))],
            at: now,
            db
        )
    }

    private static func mail(_ letter: Letter, to id: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        for email in try Accounts.emails(of: id, whoMay: .bill, db) {
            try Mails.queue(letter, to: email, account: id, at: now, db)
        }
    }
}
