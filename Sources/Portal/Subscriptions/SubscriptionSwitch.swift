import Storage
import Web

/// A subscription's change to other prices.
struct SubscriptionSwitch {
    /// When it takes effect.
    enum Moment: String, Sendable, Codable, CaseIterable, Documented {
        case now
        case periodEnd = "period_end"

        static var sample: Moment { .now }
    }

    let live: Subscriptions.Live
    let version: PlanVersions.Version

    /// Whether it asks for less a year than before.
    var isDowngrade: Bool {
        get throws { try Self.yearly(version) < Self.yearly(live.version) }
    }

    private static func yearly(_ version: PlanVersions.Version) throws -> Int128 {
        let periods: Int128 =
            switch version.interval {
            case .week: 52
            case .month: 12
            case .year: 1
            }
        return Int128(try version.prices.fee) * periods
    }

    /// At once; what asks for less a year, of the same interval, at the end of what is paid for.
    var usualMoment: Moment {
        get throws { try version.interval == live.interval && isDowngrade ? .periodEnd : .now }
    }

    /// Its period from then on: the same, or, of another interval, one that begins then.
    private func clock(at now: Timestamp) -> BillingPeriod {
        version.interval == live.interval ? live.clock : BillingPeriod(anchor: now, interval: version.interval)
    }

    /// When its next invoice is due, changed at that moment.
    func nextClose(after now: Timestamp) -> Timestamp {
        let isSamePeriod = live.status == .trialing || version.interval == live.interval
        return isSamePeriod ? live.period.upperBound : clock(at: now).start(1)
    }

    /// What an invoice would say of a change at once: use under the prices that end, their unused fees taken back, and
    /// the new ones for the rest of the period, or for a new period of another interval.
    func draft(at now: Timestamp, _ db: borrowing Database) throws -> InvoiceDraft {
        var draft = try Invoices.draft(of: live.accountID, reason: .change, db)
        draft.subscriptionID = live.id
        draft.description = try Plans.find(version.planID, db)?.name ?? draft.description
        guard live.status != .trialing else { return draft }
        let isSamePeriod = version.interval == live.interval
        let period = isSamePeriod ? now..<live.period.upperBound : clock(at: now).range(0)
        draft.period = period
        draft.add(try PlanLines.used(under: live, draft.usage, upTo: now))
        draft.add(try PlanLines.unused(of: live, from: now))
        let part = isSamePeriod ? try live.period.part(from: now) : .whole
        draft.add(try PlanLines.fees(of: version, for: part, period))
        return draft
    }

    /// Changes at once; a trial goes on to its end.
    func apply(by caller: Caller?, at now: Timestamp, _ db: borrowing Database) throws {
        let draft = try draft(at: now, db)
        if live.status == .trialing || version.interval == live.interval {
            try Subscriptions.setVersion(version, from: now, live.id, db)
        } else {
            try Subscriptions.setPeriod(0, of: clock(at: now), by: version, live.id, db)
            try Accounts.setNextClose(nextClose(after: now), of: live.accountID, db)
        }
        try Accounts.setPlan(version.planID, of: live.accountID, db)
        let news = SubscriptionNews(caller: caller, now: now)
        try news.tell(try isDowngrade ? .downgraded : .upgraded, of: live, to: version, db)
        _ = try Invoices.finalize(draft, at: now, db)
        try UsageAlerts.review(account: live.accountID, at: now, db)
    }
}

extension SubscriptionSwitch {
    /// - Throws: ``Failure`` 409 where it is to that already.
    init(of live: Subscriptions.Live, to version: PlanVersions.Version) throws {
        guard live.version.id != version.id else {
            throw Failure.conflict("The subscription is to that already", code: "already_subscribed")
        }
        self.init(live: live, version: version)
    }
}
