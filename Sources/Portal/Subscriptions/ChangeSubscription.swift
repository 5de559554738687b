import Storage
import Web

/// `POST /api/v1/subscription/change`: another plan or interval. It takes effect at once and in proportion; what asks
/// for less, when the period ends, unless told otherwise.
struct ChangeSubscription: Endpoint {
    struct Input: Codable, Sendable {
        /// Absent: the same.
        let plan: Text<1, 64>?
        let interval: BillingInterval?
        let when: SubscriptionSwitch.Moment?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> SubscriptionAnswer {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        let wanted = try app.store.read { db in
            try Self.wanted(input.plan?.value, input.interval, of: accountID, at: now, db)
        }
        return try await change(accountID, to: wanted, input.when, by: caller, in: app) { db in
            try SubscriptionAnswer(of: accountID, db)
        }
    }

    /// What the account's subscription is to change to; what is not named stays.
    /// - Throws: ``Failure`` 404 without a subscription, and as ``PlanVersions/offered(_:_:to:at:_:)``.
    static func wanted(
        _ plan: String?,
        _ interval: BillingInterval?,
        of accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> PlanVersions.Version {
        let live = try Subscriptions.require(of: accountID, db)
        let (code, wish) = (plan ?? live.plan.code, interval ?? (plan == nil ? live.interval : nil))
        return try PlanVersions.offered(code, wish, preferring: live.interval, to: accountID, at: now, db)
    }

    static func change<Answer: Output>(
        _ accountID: Int64,
        to wanted: PlanVersions.Version,
        _ when: SubscriptionSwitch.Moment?,
        by caller: Caller,
        in app: App,
        _ answer: @escaping @Sendable (borrowing Database) throws -> Answer
    ) async throws -> Answer {
        let now = app.now()
        try app.replay(to: caller)
        return try await SubscriptionPayment.required(for: wanted, of: accountID, by: caller, in: app) { pays in
            try await app.commit(by: caller) { db in
                try change(accountID, to: wanted, when, by: caller, at: now, db, pays)
                return try answer(db)
            }
        }
    }

    /// - Parameter pays: told what a change at once is going to be invoiced.
    static func change(
        _ accountID: Int64,
        to wanted: PlanVersions.Version,
        _ when: SubscriptionSwitch.Moment?,
        by caller: Caller,
        at now: Timestamp,
        _ db: borrowing Database,
        _ pays: SubscriptionPayment.Check
    ) throws {
        try Closing.catchUp(accountID, at: now, db)
        let time = try Accounts.time(of: accountID, at: now, db)
        let change = try SubscriptionSwitch(of: Subscriptions.require(of: accountID, db), to: wanted)
        if try (when ?? change.usualMoment) == .periodEnd {
            try change.ask(by: caller, at: time, db)
        } else {
            try pays(try change.draft(at: time, db), db)
            try change.apply(by: caller, at: time, db)
        }
    }
}

extension PlanVersions {
    /// As ``offered(_:_:to:at:_:)``, and of several intervals rather that one.
    fileprivate static func offered(
        _ code: String,
        _ interval: BillingInterval?,
        preferring usual: BillingInterval,
        to accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Version {
        if interval == nil, let same = try? offered(code, usual, to: accountID, at: now, db) { return same }
        return try offered(code, interval, to: accountID, at: now, db)
    }
}

extension SubscriptionSwitch {
    /// Changes when the period ends.
    func ask(by caller: Caller, at now: Timestamp, _ db: borrowing Database) throws {
        try Subscriptions.setNext(version, live.id, db)
        try Audit.record(
            .subscriptionChangeAsked,
            by: caller,
            account: live.accountID,
            target: "subscription:\(live.id)",
            detail: [.init("version", .integer(version.id)), .init("interval", .string(version.interval.rawValue))],
            at: now,
            db
        )
    }
}
