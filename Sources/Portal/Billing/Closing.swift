import Storage

/// The end of an account's billing period: the invoice, and when the next one is due, in one transaction. So a crash
/// leaves both or neither, and a run that is begun again bills nothing twice.
enum Closing {
    /// Bills the period of the account that is due the longest. Of one that is late each period has an invoice of its
    /// own, by a call of its own.
    /// - Returns: whether there was one.
    static func close(_ accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        let now = try Accounts.time(of: accountID, at: now, db)
        guard let due = try Accounts.nextClose(of: accountID, db), due <= now else { return false }
        guard let live = try Subscriptions.live(of: accountID, db) else {
            try Accounts.setNextClose(now.month.end, of: accountID, db)
            _ = try Invoices.finalize(try Invoices.draft(of: accountID, reason: .usage, db), at: now, db)
            return true
        }
        if live.cancelsAtPeriodEnd {
            try end(live, at: now, db)
        } else {
            try renew(live, at: now, db)
        }
        return true
    }

    /// Closes whatever is due, so that a change of today is not taken for one of a period that is over.
    static func catchUp(_ accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        while try close(accountID, at: now, db) {}
    }

    private static func end(_ live: Subscriptions.Live, at now: Timestamp, _ db: borrowing Database) throws {
        try Subscriptions.end(live, isProrated: false, by: nil, at: live.period.upperBound, db)
        // A period that ended months ago: the months since then are one.
        let next = live.period.upperBound.month.end
        if next <= now { try Accounts.setNextClose(now.month.end, of: live.accountID, db) }
    }

    private static func renew(_ live: Subscriptions.Live, at now: Timestamp, _ db: borrowing Database) throws {
        let due = live.period.upperBound
        let version = try live.next ?? inForce(live, at: due, db)
        let isFirst = live.status == .trialing || version.interval != live.interval
        let clock = isFirst ? BillingPeriod(anchor: due, interval: version.interval) : live.clock
        let number = isFirst ? 0 : live.number + 1
        var draft = try Invoices.draft(of: live.accountID, reason: .period, db)
        draft.subscriptionID = live.id
        draft.period = live.period
        draft.description = try Plans.find(version.planID, db)?.name ?? live.plan.name
        draft.add(try PlanLines.closing(live, usage: draft.usage, next: (version, clock.range(number))))
        try Subscriptions.setPeriod(number, of: clock, by: version, live.id, db)
        try Accounts.setNextClose(clock.start(number + 1), of: live.accountID, db)
        let news = SubscriptionNews(now: due)
        if live.next != nil {
            try Accounts.setPlan(version.planID, of: live.accountID, db)
            let isDowngrade = try SubscriptionSwitch(live: live, version: version).isDowngrade
            try news.tell(isDowngrade ? .downgraded : .upgraded, of: live, to: version, db)
        }
        try news.tell(live.status == .trialing ? .trialEnded : .renewed, of: live, to: version, db)
        _ = try Invoices.finalize(draft, at: now, db)
        if live.next != nil { try UsageAlerts.review(account: live.accountID, at: now, db) }
    }

    /// The plan's prices in force when a period begins; what it was billed by, where the plan has none any more.
    private static func inForce(
        _ live: Subscriptions.Live,
        at moment: Timestamp,
        _ db: borrowing Database
    ) throws -> PlanVersions.Version {
        try PlanVersions.inForce(of: live.plan.id, live.version.currency, live.interval, at: moment, db) ?? live.version
    }
}
