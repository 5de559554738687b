import Storage
import Web

/// `POST /api/v1/subscriptions`: begins one. What it asks for at once must be covered by credit or a saved card; else
/// the answer is 402 with the address of a page to pay on, and it begins when that is paid.
struct StartSubscription: Endpoint {
    struct Input: Codable, Sendable {
        let plan: Text<1, 64>
        /// Absent: by the month, or the only one there is.
        let interval: BillingInterval?
        let coupon: Text<1, 64>?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<SubscriptionView> {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        let wanted = try app.store.read { db in
            try PlanVersions.offered(input.plan.value, input.interval, to: accountID, at: now, db)
        }
        try app.replay(to: caller)
        return try await SubscriptionPayment.required(for: wanted, of: accountID, by: caller, in: app) { pays in
            try await app.commit(by: caller) { db in
                if let coupon = input.coupon { try Coupons.redeem(coupon.value, accountID, at: now, db) }
                try Closing.catchUp(accountID, at: now, db)
                let draft = try Subscriptions.opening(of: accountID, wanted, at: now, db)
                try pays(draft, db)
                return Created(
                    try SubscriptionView(try Subscriptions.begin(accountID, wanted, by: caller, at: now, db), db)
                )
            }
        }
    }
}

extension PlanVersions {
    /// The prices in force of a plan that is offered, in the account's currency.
    /// - Throws: ``Failure`` 404 for a plan that is not offered, 409 for one that is not to be had so.
    static func offered(
        _ code: String,
        _ interval: BillingInterval?,
        to accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Version {
        guard let plan = try Plans.find(code: code, db), plan.archivedAt == nil else {
            throw Failure.notFound("Plan not found")
        }
        let now = try Accounts.time(of: accountID, at: now, db)
        let currency = try Accounts.currency(of: accountID, db)
        let versions = try inForce(of: plan.id, at: now, db).filter { $0.currency == currency }
        let wanted = interval.map { [$0] } ?? [.month, .year, .week]
        guard let version = wanted.compactMap({ wish in versions.first { $0.interval == wish } }).first else {
            let how = interval.map { " by the \($0.rawValue)" } ?? ""
            throw Failure.conflict("\(plan.name) is not to be had\(how) in \(currency.code)", code: "no_such_price")
        }
        return version
    }
}
