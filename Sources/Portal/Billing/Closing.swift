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
        let (version, clock, number) = try renewal(of: live, db)
        let draft = try draft(of: live, (version, clock.range(number)), db)
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

    /// What the period that begins is billed by, and where it stands: a trial's end and another interval begin anew.
    private static func renewal(
        of live: Subscriptions.Live,
        _ db: borrowing Database
    ) throws -> (version: PlanVersions.Version, clock: BillingPeriod, number: Int64) {
        let due = live.period.upperBound
        let version = try live.next ?? inForce(live, at: due, db)
        let isFirst = live.status == .trialing || version.interval != live.interval
        let clock = isFirst ? BillingPeriod(anchor: due, interval: version.interval) : live.clock
        return (version, clock, isFirst ? 0 : live.number + 1)
    }

    /// What the invoice at the end of the period would say now; nothing is written.
    static func draft(of live: Subscriptions.Live, _ db: borrowing Database) throws -> InvoiceDraft {
        let next = try live.cancelsAtPeriodEnd ? nil : renewal(of: live, db)
        return try draft(of: live, next.map { ($0.version, $0.clock.range($0.number)) }, db)
    }

    private static func draft(
        of live: Subscriptions.Live,
        _ next: (version: PlanVersions.Version, period: Range<Timestamp>)?,
        _ db: borrowing Database
    ) throws -> InvoiceDraft {
        var draft = try Invoices.draft(of: live.accountID, reason: .period, db)
        (draft.subscriptionID, draft.period) = (live.id, live.period)
        draft.description = try next.flatMap { try Plans.find($0.version.planID, db)?.name } ?? live.plan.name
        draft.add(try PlanLines.closing(live, usage: draft.usage, next: next))
        return draft
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
