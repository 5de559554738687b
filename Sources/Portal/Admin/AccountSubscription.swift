import Web

/// `POST /api/v1/admin/accounts/{id}/subscription/start`: an operator begins one. Nobody is asked to pay first: its
/// invoices are paid however the account pays.
struct StartAccountSubscription: Endpoint {
    struct Input: Codable, Sendable {
        /// The account's.
        let id: Int64
        let plan: Text<1, 64>
        /// Absent: by the month, or the only one there is.
        let interval: BillingInterval?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<SubscriptionView> {
        let now = app.now()
        return try await app.commit(by: caller) { db in
            let accountID = try Accounts.require(input.id, db)
            try Closing.catchUp(accountID, at: now, db)
            let version = try PlanVersions.offered(input.plan.value, input.interval, to: accountID, at: now, db)
            let live = try Subscriptions.begin(accountID, version, by: caller, at: now, db)
            return Created(try SubscriptionView(live, db))
        }
    }
}

/// `POST /api/v1/admin/accounts/{id}/subscription/change`: as ``ChangeSubscription``, and nobody is asked to pay first.
struct ChangeAccountSubscription: Endpoint {
    struct Input: Codable, Sendable {
        /// The account's.
        let id: Int64
        /// Absent: the same.
        let plan: Text<1, 64>?
        let interval: BillingInterval?
        /// Absent: at once, and what asks for less when the period ends.
        let when: SubscriptionSwitch.Moment?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> SubscriptionAnswer {
        let now = app.now()
        return try await app.commit(by: caller) { db in
            let id = try Accounts.require(input.id, db)
            let wanted = try ChangeSubscription.wanted(input.plan?.value, input.interval, of: id, at: now, db)
            try ChangeSubscription.change(id, to: wanted, input.when, by: caller, at: now, db) { _, _ in }
            return try SubscriptionAnswer(of: id, db)
        }
    }
}

/// `POST /api/v1/admin/accounts/{id}/subscription/cancel`: as ``CancelSubscription``.
struct CancelAccountSubscription: Endpoint {
    struct Input: Codable, Sendable {
        /// The account's.
        let id: Int64
        /// Absent: when the period ends.
        let when: SubscriptionSwitch.Moment?
        /// At once only: whether the fees of the rest of the period become credit.
        let prorate: Bool?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> SubscriptionAnswer {
        try app.store.read { db in _ = try Accounts.require(input.id, db) }
        return try await CancelSubscription.cancel(input.id, input.when, input.prorate, by: caller, in: app) { db in
            try SubscriptionAnswer(of: input.id, db)
        }
    }
}

/// `POST /api/v1/admin/accounts/{id}/subscription/resume`: as ``ResumeSubscription``.
struct ResumeAccountSubscription: Endpoint {
    static func handle(_ input: AccountByID, by caller: Caller, in app: App) async throws -> SubscriptionAnswer {
        try app.store.read { db in _ = try Accounts.require(input.id, db) }
        return try await ResumeSubscription.resume(input.id, by: caller, in: app)
    }
}
