import Storage
import Web

extension Subscriptions {
    /// What a new subscription's first invoice would say: its fees, and the use so far, which is none of its period's.
    /// - Throws: ``Failure`` 409 for an account that has a live one, and for prices in another currency.
    static func opening(
        of accountID: Int64,
        _ version: PlanVersions.Version,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> InvoiceDraft {
        let now = try Accounts.time(of: accountID, at: now, db)
        guard try live(of: accountID, db) == nil else {
            throw Failure.conflict("This account has a subscription: change that", code: "already_subscribed")
        }
        guard try Accounts.currency(of: accountID, db) == version.currency else {
            throw Failure.conflict("This account is billed in another currency", code: "other_currency")
        }
        var draft = try Invoices.draft(of: accountID, reason: .start, db)
        guard try trialEnd(of: accountID, version, at: now, db) == nil else { return draft }
        let period = BillingPeriod(anchor: now, interval: version.interval).range(0)
        draft.description = try Plans.find(version.planID, db)?.name ?? draft.description
        draft.period = period
        draft.add(try PlanLines.fees(of: version, period))
        return draft
    }

    /// Nil for who begins without a trial.
    static func trialEnd(
        of accountID: Int64,
        _ version: PlanVersions.Version,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Timestamp? {
        guard let days = try Plans.find(version.planID, db)?.trialDays, days > 0,
            try !hasHadTrial(accountID, db)
        else { return nil }
        return now.adding(days: Int(days))
    }

    /// What was paid for on a page at the provider: a subscription begins, or the live one changes, at once.
    static func start(_ accountID: Int64, _ planPriceID: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try Closing.catchUp(accountID, at: now, db)
        let version = try PlanVersions.require(planPriceID, db)
        guard let live = try live(of: accountID, db) else {
            try begin(accountID, version, by: nil, at: now, db)
            return
        }
        guard live.version.id != version.id else { return }
        let time = try Accounts.time(of: accountID, at: now, db)
        try SubscriptionSwitch(live: live, version: version).apply(by: nil, at: time, db)
    }

    /// Begins a subscription, with the plan's trial for who has had none yet; its limits hold at once.
    /// - Parameter caller: nil: it was paid for at the provider.
    /// - Throws: as ``opening(of:_:at:_:)``.
    @discardableResult
    static func begin(
        _ accountID: Int64,
        _ version: PlanVersions.Version,
        by caller: Caller?,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Live {
        let now = try Accounts.time(of: accountID, at: now, db)
        var draft = try opening(of: accountID, version, at: now, db)
        let trialEnd = try trialEnd(of: accountID, version, at: now, db)
        let id = try insert(version, for: accountID, trialEnd: trialEnd, at: now, db)
        let live = try require(of: accountID, db)
        try Accounts.setPlan(live.plan.id, of: accountID, db)
        try Accounts.setNextClose(live.period.upperBound, of: accountID, db)
        try SubscriptionNews(caller: caller, now: now).tell(.started, of: live, to: version, db)
        draft.subscriptionID = id
        _ = try Invoices.finalize(draft, at: now, db)
        try UsageAlerts.review(account: accountID, at: now, db)
        return try find(id, db) ?? live
    }

    /// Dunning's word: an invoice of the account was not paid in time. Its limits stay.
    static func setPastDue(_ accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try setStatus(.pastDue, from: .active, telling: .pastDue, accountID, at: now, db)
    }

    /// All is paid again.
    static func recovered(_ accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try setStatus(.active, from: .pastDue, telling: .recovered, accountID, at: now, db)
    }

    private static func setStatus(
        _ status: Status,
        from before: Status,
        telling kind: SubscriptionChanges.Kind,
        _ accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        guard let live = try live(of: accountID, db), try setStatus(status, from: before, live.id, db) else { return }
        let now = try Accounts.time(of: accountID, at: now, db)
        try SubscriptionNews(now: now).tell(kind, of: live, to: live.version, db)
    }
}
