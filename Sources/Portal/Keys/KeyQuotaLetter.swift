import Storage

/// Tells an account's owners and admins that a key has used most of its monthly quota, or all of it.
struct KeyQuotaLetter: Sendable {
    /// Percent of the quota.
    private static let steps: [Int64] = [80, 100]

    /// The first of the keys that took each other's place, whose quota is one.
    let keyID: Int64
    let used: Int64
    let quota: Int64
    let month: Month

    /// Queues the mail when a step lies between the two counts, which grow in the caller's transaction: each is told
    /// of once a month, unless the quota is changed.
    /// - Parameter before: calls of the month before those that are written now.
    func queue(to accountID: Int64, since before: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        let passed = Self.steps.last { step in
            UsageAlerts.percent(used, of: quota) >= step && UsageAlerts.percent(before, of: quota) < step
        }
        guard let passed, let key = try APIKeys.record(keyID, of: accountID, db) else { return }
        let letter = Letter(
            subject: "\(passed) % of a key's monthly quota is used",
            [
                .text("Key: \(key.settings.label), \(key.hint)"),
                .text("\(used) of \(quota) calls are used in \(month.text)."),
                .text(passed < 100 ? "Past the quota its calls are refused." : "Further calls are refused."),
            ]
        )
        for email in try Accounts.emails(of: accountID, whoMay: .manage, db) {
            try Mails.queue(letter, to: email, account: accountID, at: now, db)
        }
    }
}
