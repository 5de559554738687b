import Storage
import Web

/// The subscription in the words of account billing's older clients.
struct BillingSubscription: JSONOutput {
    let id: Nullable<String>
    let tier: String
    let status: Nullable<Subscriptions.Status>
    let currentPeriodStart: Nullable<Timestamp>
    let currentPeriodEnd: Nullable<Timestamp>
    let cancelAtPeriodEnd: Nullable<Bool>
    let amount: Nullable<Amount>
    let interval: Nullable<BillingInterval>
    let currency: Nullable<Currency>
    /// The same as `amount` and `interval`, and when the next fee is due.
    let price: Nullable<Amount>
    let billingCycle: Nullable<BillingInterval>
    let nextBillingDate: Nullable<Timestamp>

    enum CodingKeys: String, CodingKey {
        case id, tier, status, amount, interval, currency, price
        case currentPeriodStart = "current_period_start"
        case currentPeriodEnd = "current_period_end"
        case cancelAtPeriodEnd = "cancel_at_period_end"
        case billingCycle = "billing_cycle"
        case nextBillingDate = "next_billing_date"
    }

    init(of accountID: Int64, _ db: borrowing Database) throws {
        let live = try Subscriptions.live(of: accountID, db)
        tier = try live?.plan.tier ?? Plans.find(ofAccount: accountID, db)?.tier ?? Plans.free
        (id, status) = (Nullable(live?.publicID), Nullable(live?.status))
        currentPeriodStart = Nullable(live?.period.lowerBound)
        currentPeriodEnd = Nullable(live?.period.upperBound)
        cancelAtPeriodEnd = Nullable(live?.cancelsAtPeriodEnd)
        amount = Nullable(try live.map { try PlanVersionView($0.version).amount })
        (interval, currency) = (Nullable(live?.interval), Nullable(live?.version.currency))
        (price, billingCycle) = (amount, interval)
        nextBillingDate = Nullable(live.flatMap { $0.cancelsAtPeriodEnd ? nil : $0.period.upperBound })
    }
}

/// `GET /api/v1/billing/subscription`: none is the account's tier and nulls.
struct ShowBillingSubscription: Endpoint {
    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> BillingSubscription {
        let accountID = try caller.requireHolder().accountID
        return try app.store.read { db in try BillingSubscription(of: accountID, db) }
    }
}

/// `POST /api/v1/billing/subscription/cancel`: when the period ends.
struct CancelBillingSubscription: Endpoint {
    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> BillingSubscription {
        let accountID = try caller.requireHolder().accountID
        return try await CancelSubscription.cancel(accountID, nil, nil, by: caller, in: app) { db in
            try BillingSubscription(of: accountID, db)
        }
    }
}

/// `POST /api/v1/billing/subscription/upgrade`: to a tier of this family, or any plan by its code; without a
/// subscription it begins one. 402 with a checkout `url` where it cannot be paid.
struct UpgradeBillingSubscription: Endpoint {
    struct Input: Codable, Sendable {
        /// `starter`, `professional`, `enterprise`, `trial`; or a plan's code.
        let tier: Text<1, 64>
        let interval: BillingInterval?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> BillingSubscription {
        let accountID = try caller.requireHolder().accountID
        let code = try app.store.read { db in try Plans.code(ofTier: input.tier.value, db) }
        return try await upgrade(to: code, input.interval, by: caller, in: app) { db in
            try BillingSubscription(of: accountID, db)
        }
    }

    /// - Throws: ``Failure`` 404 for a plan that is not offered, 409 for one that is had, 402 with the `url` of a page
    ///   to pay on.
    static func upgrade<Answer: Output>(
        to code: String,
        _ interval: BillingInterval?,
        by caller: Caller,
        in app: App,
        _ answer: @escaping @Sendable (borrowing Database) throws -> Answer
    ) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        let (wanted, isNew) = try app.store.read { db in
            let version = try PlanVersions.offered(code, interval, to: accountID, at: now, db)
            return (version, try Subscriptions.live(of: accountID, db) == nil)
        }
        guard isNew else {
            return try await ChangeSubscription.change(accountID, to: wanted, nil, by: caller, in: app, answer)
        }
        try app.replay(to: caller)
        return try await SubscriptionPayment.required(for: wanted, of: accountID, by: caller, in: app) { pays in
            try await app.commit(by: caller) { db in
                try Closing.catchUp(accountID, at: now, db)
                try pays(try Subscriptions.opening(of: accountID, wanted, at: now, db), db)
                try Subscriptions.begin(accountID, wanted, by: caller, at: now, db)
                return try answer(db)
            }
        }
    }
}
