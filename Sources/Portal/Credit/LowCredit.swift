import Storage

/// Looks at the accounts that have a ``CreditRules/Rule``: tells those whose credit runs low, once a crossing, and tops
/// up those that asked for it.
enum LowCredit {
    /// How an automatic top-up went.
    enum Outcome: Sendable {
        /// The card was charged, and the payment is booked.
        case charged
        /// No card, or one that was declined.
        case failed(String)
        /// Nobody knows yet; the provider's word comes later.
        case unknown
    }

    private struct TopUp: Sendable {
        let accountID: Int64
        let amount: Cents
    }

    /// - Parameter charge: charges an account's saved card off session.
    static func review(
        _ app: App,
        charge: (Int64, Cents, App) async throws -> Outcome = TopUps.charge
    ) async throws {
        let now = app.now()
        for accountID in try app.store.read({ db in try CreditRules.candidates(db) }) {
            let isDue = try app.store.read { db in try self.isDue(accountID, at: now, db) }
            guard isDue else { continue }
            guard let topUp = try await app.store.write({ db in try settle(accountID, at: now, db) }) else { continue }
            try await make(topUp, app, charge)
        }
    }

    private static func isDue(_ accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        guard let rule = try CreditRules.find(accountID, db) else { return false }
        let credit = try Ledger.credit(of: accountID, db)
        let time = try Accounts.time(of: accountID, at: now, db)
        return rule.needsAlert(at: credit) || rule.alertIsOver(at: credit) || rule.isLost(at: time)
            || rule.needsTopUp(at: credit, time)
    }

    /// Tells what is to be told, and begins a top-up where one is due.
    private static func settle(_ accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws -> TopUp? {
        guard let rule = try CreditRules.find(accountID, db) else { return nil }
        let credit = try Ledger.credit(of: accountID, db)
        let time = try Accounts.time(of: accountID, at: now, db)
        if rule.alertIsOver(at: credit) { try CreditRules.setAlerted(nil, accountID, db) }
        if rule.needsAlert(at: credit), let below = rule.alertBelow {
            try CreditRules.setAlerted(time, accountID, db)
            try CreditLetters.low(credit, below: below, of: accountID, at: time, db)
        }
        if rule.isLost(at: time) {
            try fail(accountID, "The payment provider never told how it went", at: time, db)
        }
        guard rule.needsTopUp(at: credit, time), let amount = rule.topUpAmount else { return nil }
        try CreditRules.beginTopUp(rule, accountID, at: time, db)
        try Audit.record(
            .topUpBegun,
            byItself: "system",
            account: accountID,
            target: "account:\(accountID)",
            detail: [.init("amount", .string(Money(amount.value, try Accounts.currency(of: accountID, db)).text))],
            at: time,
            db
        )
        return TopUp(accountID: accountID, amount: amount)
    }

    private static func make(
        _ topUp: TopUp,
        _ app: App,
        _ charge: (Int64, Cents, App) async throws -> Outcome
    ) async throws {
        let outcome: Outcome
        do {
            outcome = try await charge(topUp.accountID, topUp.amount, app)
        } catch {
            app.log.warning("an automatic top-up is in doubt", metadata: ["error": "\(error)"])
            outcome = .unknown
        }
        let now = app.now()
        try await app.store.write { db in
            let time = try Accounts.time(of: topUp.accountID, at: now, db)
            switch outcome {
            case .charged: try CreditRules.topUpArrived(topUp.accountID, at: time, db)
            case .failed(let reason): try fail(topUp.accountID, reason, at: time, db)
            case .unknown: break
            }
        }
    }

    private static func fail(
        _ accountID: Int64,
        _ reason: String,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        guard let rule = try CreditRules.topUpFailed(accountID, reason, at: now, db) else { return }
        if rule.isOff { try CreditLetters.topUpsEnded(reason, of: accountID, at: now, db) }
    }
}
