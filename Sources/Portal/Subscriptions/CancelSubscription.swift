import Storage
import Web

/// `POST /api/v1/subscription/cancel`: ends it when the period ends, or at once.
struct CancelSubscription: Endpoint {
    struct Input: Codable, Sendable {
        /// Absent: when the period ends.
        let when: SubscriptionSwitch.Moment?
        /// At once only: whether the fees of the rest of the period become credit.
        let prorate: Bool?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> SubscriptionAnswer {
        let accountID = try caller.requireHolder().accountID
        return try await cancel(accountID, input.when, input.prorate, by: caller, in: app) { db in
            try SubscriptionAnswer(of: accountID, db)
        }
    }

    static func cancel<Answer: Output>(
        _ accountID: Int64,
        _ when: SubscriptionSwitch.Moment?,
        _ isProrated: Bool?,
        by caller: Caller,
        in app: App,
        _ answer: @escaping @Sendable (borrowing Database) throws -> Answer
    ) async throws -> Answer {
        let now = app.now()
        return try await app.commit(by: caller) { db in
            try Closing.catchUp(accountID, at: now, db)
            let time = try Accounts.time(of: accountID, at: now, db)
            let live = try Subscriptions.require(of: accountID, db)
            if when == .now {
                try Subscriptions.end(live, isProrated: isProrated ?? false, by: caller, at: time, db)
            } else if !live.cancelsAtPeriodEnd {
                try Subscriptions.setCancelling(time, live.id, db)
                try Subscriptions.setNext(nil, live.id, db)
                try SubscriptionNews(caller: caller, now: time).tell(.cancelAsked, of: live, to: live.version, db)
            }
            return try answer(db)
        }
    }
}

/// `POST /api/v1/subscription/resume`: it goes on as it is, whatever was asked for when the period ends.
struct ResumeSubscription: Endpoint {
    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> SubscriptionAnswer {
        try await resume(try caller.requireHolder().accountID, by: caller, in: app)
    }

    static func resume(_ accountID: Int64, by caller: Caller, in app: App) async throws -> SubscriptionAnswer {
        let now = app.now()
        return try await app.commit(by: caller) { db in
            try Closing.catchUp(accountID, at: now, db)
            let time = try Accounts.time(of: accountID, at: now, db)
            let live = try Subscriptions.require(of: accountID, db)
            if live.cancelsAtPeriodEnd || live.next != nil {
                try Subscriptions.setCancelling(nil, live.id, db)
                try Subscriptions.setNext(nil, live.id, db)
                try SubscriptionNews(caller: caller, now: time).tell(.resumed, of: live, to: live.version, db)
            }
            return try SubscriptionAnswer(of: accountID, db)
        }
    }
}
