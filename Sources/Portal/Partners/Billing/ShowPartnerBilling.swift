import Web

/// `GET /api/partner/billing`: what the account is subscribed to, its newest invoices, and what this month comes to.
struct ShowPartnerBilling: Endpoint {
    private static let invoicesShown = 12

    struct Subscription: Codable, Sendable {
        let id: String
        let status: Subscriptions.Status
        let interval: BillingInterval
        let currentPeriodStart: PreciseTime
        let currentPeriodEnd: PreciseTime
        let cancelAtPeriodEnd: Bool
        let createdAt: PreciseTime
        let plan: PartnerPlan
    }

    struct Usage: Codable, Sendable {
        let apiCalls: Int64
        let overage: Int64
        let estimatedCost: Dollars
    }

    struct Answer: JSONOutput {
        let subscription: Nullable<Subscription>
        let invoices: [PartnerInvoice]
        let currentUsage: Usage
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let (id, now) = (try caller.requireHolder().accountID, app.now())
        return try app.store.read { db in
            let month = try MonthOfCalls(of: id, at: now, in: app, db)
            let live = try Subscriptions.live(of: id, db)
            return Answer(
                subscription: Nullable(
                    try live.map { live in
                        Subscription(
                            id: live.publicID,
                            status: live.status,
                            interval: live.interval,
                            currentPeriodStart: PreciseTime(live.period.lowerBound),
                            currentPeriodEnd: PreciseTime(live.period.upperBound),
                            cancelAtPeriodEnd: live.cancelsAtPeriodEnd,
                            createdAt: PreciseTime(live.createdAt),
                            plan: try PartnerPlan(live.plan, in: live.version.currency, at: now, db)
                        )
                    }
                ),
                invoices: try PartnerInvoice.newest(of: id, limit: invoicesShown, at: now, db),
                currentUsage: Usage(
                    apiCalls: month.calls,
                    overage: month.overage,
                    estimatedCost: month.estimatedCost
                )
            )
        }
    }
}

/// `POST /api/partner/subscription/upgrade`: to another plan of the program, at once and in proportion; to one that
/// asks for less, when the period ends. 402 with a checkout `url` where it cannot be paid.
struct UpgradePartnerPlan: Endpoint {
    struct Input: Codable, Sendable {
        let planId: Text<1, 64>
        /// By the month unless told.
        let interval: BillingInterval?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Success {
        let code = input.planId.value
        _ = try app.store.read { db in try PartnerPlan.require(code, db) }
        return try await UpgradeBillingSubscription.upgrade(to: code, input.interval, by: caller, in: app) { _ in
            Success()
        }
    }
}
