import Web

/// `purser account subscribe ACCOUNT PLAN`: begins or changes an account's subscription, at once; its invoices are paid
/// however the account pays.
struct SubscribeAccount: Endpoint {
    struct Input: Codable, Sendable {
        let account: Text<1, 254>
        let plan: Text<1, 64>
        let interval: BillingInterval?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> SubscriptionAnswer {
        let now = app.now()
        return try await app.store.write { db in
            let accountID = try Accounts.require(input.account.value, db)
            try Closing.catchUp(accountID, at: now, db)
            let version = try PlanVersions.offered(input.plan.value, input.interval, to: accountID, at: now, db)
            if let live = try Subscriptions.live(of: accountID, db) {
                let time = try Accounts.time(of: accountID, at: now, db)
                try SubscriptionSwitch(of: live, to: version).apply(by: caller, at: time, db)
            } else {
                try Subscriptions.begin(accountID, version, by: caller, at: now, db)
            }
            return try SubscriptionAnswer(of: accountID, db)
        }
    }
}
