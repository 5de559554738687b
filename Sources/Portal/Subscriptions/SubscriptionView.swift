import Storage
import Web

/// A subscription as its account sees it.
struct SubscriptionView: Codable, Sendable {
    struct Next: Codable, Sendable {
        let plan: String
        let interval: BillingInterval
        let amount: Amount
    }

    let id: String
    let plan: String
    let name: String
    let tier: String
    let status: Subscriptions.Status
    let interval: BillingInterval
    let currency: Currency
    /// What its fees come to for an interval, before discounts and taxes.
    let amount: Amount
    let currentPeriodStart: Timestamp
    let currentPeriodEnd: Timestamp
    let trialEnd: Nullable<Timestamp>
    let cancelAtPeriodEnd: Bool
    let canceledAt: Nullable<Timestamp>
    let endedAt: Nullable<Timestamp>
    let createdAt: Timestamp
    /// What it changes to when the period ends; null: it stays what it is.
    let next: Nullable<Next>

    enum CodingKeys: String, CodingKey {
        case id, plan, name, tier, status, interval, currency, amount, next
        case currentPeriodStart = "current_period_start"
        case currentPeriodEnd = "current_period_end"
        case trialEnd = "trial_end"
        case cancelAtPeriodEnd = "cancel_at_period_end"
        case canceledAt = "canceled_at"
        case endedAt = "ended_at"
        case createdAt = "created_at"
    }

    init(_ it: Subscriptions.Subscription, _ db: borrowing Database) throws {
        (id, plan, name, tier) = (it.publicID, it.plan.code, it.plan.name, it.plan.tier)
        (status, interval, currency) = (it.status, it.interval, it.version.currency)
        amount = try PlanVersionView(it.version).amount
        (currentPeriodStart, currentPeriodEnd) = (it.period.lowerBound, it.period.upperBound)
        (trialEnd, cancelAtPeriodEnd) = (Nullable(it.trialEnd), it.cancelsAtPeriodEnd)
        (canceledAt, endedAt, createdAt) = (Nullable(it.canceledAt), Nullable(it.endedAt), it.createdAt)
        next = Nullable(
            try it.next.map { next in
                Next(
                    plan: try Plans.find(next.planID, db)?.code ?? "",
                    interval: next.interval,
                    amount: try PlanVersionView(next).amount
                )
            }
        )
    }
}

/// The account's live subscription, as requests about it answer.
struct SubscriptionAnswer: JSONOutput {
    /// Null: it pays as it goes.
    let subscription: Nullable<SubscriptionView>

    init(of accountID: Int64, _ db: borrowing Database) throws {
        let live = try Subscriptions.live(of: accountID, db)
        subscription = Nullable(try live.map { try SubscriptionView($0, db) })
    }
}

/// `GET /api/v1/subscription`.
struct ShowSubscription: Endpoint {
    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> SubscriptionAnswer {
        let accountID = try caller.requireHolder().accountID
        return try app.store.read { db in try SubscriptionAnswer(of: accountID, db) }
    }
}

/// `GET /api/v1/subscriptions`: all that the account ever had, newest first.
struct ListSubscriptions: Endpoint {
    struct Input: Codable, Sendable {
        let limit: Whole<1, 200>?
        /// `next_cursor` of the page before.
        let cursor: Int64?
    }

    struct Answer: JSONOutput {
        let data: [SubscriptionView]
        /// Null on the last page.
        let nextCursor: Nullable<Int64>

        enum CodingKeys: String, CodingKey {
            case data
            case nextCursor = "next_cursor"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let limit = input.limit?.value ?? 50
        return try app.store.read { db in
            // One more than is shown tells whether there is another page.
            let found = try Subscriptions.list(of: accountID, before: input.cursor ?? .max, limit: limit + 1, db)
            let shown = found.prefix(Int(limit))
            return Answer(
                data: try shown.map { try SubscriptionView($0, db) },
                nextCursor: Nullable(found.count > shown.count ? shown.last?.id : nil)
            )
        }
    }
}
