import Web

/// `purser account plan ACCOUNT PLAN`: puts an account on another plan.
struct ChangePlan: Endpoint {
    struct Input: Codable, Sendable {
        let account: Text<1, 254>
        let plan: Text<1, 64>
    }

    struct Answer: JSONOutput {
        let account: Int64
        let plan: String
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let now = app.now()
        return try await app.store.write { db in
            let accountID = try Accounts.require(input.account.value, db)
            guard let plan = try Plans.find(code: input.plan.value, db) else {
                throw Failure.notFound("Plan not found")
            }
            guard try Subscriptions.live(of: accountID, db) == nil else {
                throw Failure.conflict("The account has a subscription: change or end that", code: "already_subscribed")
            }
            let before = try Plans.find(ofAccount: accountID, db)?.code ?? ""
            try Accounts.setPlan(plan.id, of: accountID, db)
            try Audit.record(
                .planChanged,
                by: caller,
                account: accountID,
                target: "account:\(accountID)",
                detail: [.init("from", .string(before)), .init("to", .string(plan.code))],
                at: now,
                db
            )
            try UsageAlerts.review(account: accountID, at: now, db)
            return Answer(account: accountID, plan: plan.code)
        }
    }
}
