import Storage
import Web

extension Subscriptions {
    /// Ends it: what was used is billed, the account is on its family's free plan from here on.
    /// - Parameter isProrated: whether the fees of the rest of the period are given back.
    static func end(
        _ live: Live,
        isProrated: Bool,
        by caller: Caller?,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        var draft = try Invoices.draft(of: live.accountID, reason: .period, db)
        draft.subscriptionID = live.id
        draft.period = live.period.lowerBound..<now
        draft.description = live.plan.name
        draft.add(try PlanLines.used(under: live, draft.usage, upTo: now))
        if isProrated, live.status != .trialing { draft.add(try PlanLines.unused(of: live, from: now)) }
        try setEnded(at: now, live.id, db)
        let free = try Plans.require(live.plan.family.freePlan, db)
        try Accounts.setPlan(free.id, of: live.accountID, db)
        try Accounts.setNextClose(now.month.end, of: live.accountID, db)
        try SubscriptionNews(caller: caller, now: now).tell(.canceled, of: live, to: nil, db)
        _ = try Invoices.finalize(draft, at: now, db)
        try UsageAlerts.review(account: live.accountID, at: now, db)
    }

    /// Dunning's last step.
    static func cancelNow(_ accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        guard let live = try live(of: accountID, db) else { return }
        let now = try Accounts.time(of: accountID, at: now, db)
        try end(live, isProrated: false, by: nil, at: min(now, live.period.upperBound), db)
    }
}
