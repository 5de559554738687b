import Web

/// `purser account plan EMAIL PLAN`: puts the account of a person on another plan.
struct ChangePlan: Endpoint {
    struct Input: Codable, Sendable {
        let email: Email
        let plan: Text<1, 64>
    }

    struct Answer: JSONOutput {
        let account: Int64
        let plan: String
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        try await app.store.write { db in
            let accountID = try Accounts.require(owner: input.email, db)
            guard let plan = try Plans.find(code: input.plan.value, db) else {
                throw Failure.notFound("Plan not found")
            }
            try Accounts.setPlan(plan.id, of: accountID, db)
            return Answer(account: accountID, plan: plan.code)
        }
    }
}
