import Storage
import Web

/// Tells of a step of a subscription in the transaction that made it: to its history, to the audit log and to the
/// customer's servers.
struct SubscriptionNews {
    /// Nil: its time had come.
    var caller: Caller?
    /// The account's own time.
    let now: Timestamp

    /// - Parameters:
    ///   - live: as it was before the step; at the start, as it is.
    ///   - version: what it is billed by from here on; nil at its end.
    func tell(
        _ kind: SubscriptionChanges.Kind,
        of live: Subscriptions.Live,
        to version: PlanVersions.Version?,
        _ db: borrowing Database
    ) throws {
        let before = kind == .started ? nil : live.version
        try SubscriptionChanges.insert(kind, of: live.id, from: before, to: version, at: now, db)
        let plan = try version.flatMap { try Plans.find($0.planID, db) } ?? live.plan
        let detail: [JSONValue.Member] = [
            .init("from", before == nil ? .null : .string(live.plan.code)),
            .init("to", version == nil ? .null : .string(plan.code)),
        ]
        let (account, target) = (live.accountID, "subscription:\(live.id)")
        if let caller {
            try Audit.record(
                Self.action(kind),
                by: caller,
                account: account,
                target: target,
                detail: detail,
                at: now,
                db
            )
        } else {
            try Audit.record(
                Self.action(kind),
                byItself: "system",
                account: account,
                target: target,
                detail: detail,
                at: now,
                db
            )
        }
        guard let after = try Subscriptions.find(live.id, db) else { return }
        try Webhooks.publish(Self.event(kind), account: account, data: SubscriptionPayload(after), at: now, db)
    }

    private static func event(_ kind: SubscriptionChanges.Kind) -> WebhookEvent<SubscriptionPayload> {
        switch kind {
        case .started: .subscriptionCreated
        case .canceled: .subscriptionCanceled
        default: .subscriptionUpdated
        }
    }

    private static func action(_ kind: SubscriptionChanges.Kind) -> Audit.Action {
        switch kind {
        case .started: .subscriptionStarted
        case .trialEnded: .subscriptionTrialEnded
        case .renewed: .subscriptionRenewed
        case .upgraded, .downgraded: .subscriptionChanged
        case .cancelAsked: .subscriptionCancelAsked
        case .resumed: .subscriptionResumed
        case .pastDue: .subscriptionPastDue
        case .recovered: .subscriptionRecovered
        case .canceled: .subscriptionCanceled
        }
    }
}

struct SubscriptionPayload: Codable, Sendable {
    let subscriptionID: String
    let plan: String
    let interval: BillingInterval
    let status: Subscriptions.Status
    let currentPeriodStart: Timestamp
    let currentPeriodEnd: Timestamp
    let cancelAtPeriodEnd: Bool

    enum CodingKeys: String, CodingKey {
        case plan, interval, status
        case subscriptionID = "subscription_id"
        case currentPeriodStart = "current_period_start"
        case currentPeriodEnd = "current_period_end"
        case cancelAtPeriodEnd = "cancel_at_period_end"
    }

    init(_ subscription: Subscriptions.Subscription) {
        subscriptionID = subscription.publicID
        plan = subscription.plan.code
        interval = subscription.interval
        status = subscription.status
        currentPeriodStart = subscription.period.lowerBound
        currentPeriodEnd = subscription.period.upperBound
        cancelAtPeriodEnd = subscription.cancelsAtPeriodEnd
    }
}

extension WebhookEvent where Payload == SubscriptionPayload {
    static var subscriptionCreated: Self { .init("subscription.created", "A subscription has begun.") }
    static var subscriptionUpdated: Self {
        .init("subscription.updated", "A subscription was renewed, changed, or is going to end.")
    }
    static var subscriptionCanceled: Self { .init("subscription.canceled", "A subscription has ended.") }
}
