import Crypto
import Outbound
import Storage
import Web

/// Charges a saved card without its holder being there: what an invoice asks for, or a top-up.
///
/// The attempt is committed, with the key that it will go by, before the provider hears of it. As long as nobody knows
/// what came of it there is no other one, and it is pursued under the same key: by the outbox, through crashes too.
enum Charges {
    enum Outcome: Sendable {
        case paid(providerID: String)
        case declined(code: String, message: String)
        /// The bank wants its customer to confirm it.
        case needsAction(message: String)
        /// The provider has not answered. It is pursued, and will be known.
        case notKnown(any Error)
        case underWay
        case nothingToCharge
        case notOwed
        case tooSmall(TooSmall)
    }

    /// It cannot be said yet whether money has moved.
    struct NotKnown: Error, CustomStringConvertible {
        let description: String
    }

    /// Whoever asks waits that long at most; then the outbox takes over, also where we crashed meanwhile.
    private static let secondsOfAsking: Int64 = 30

    /// Charges what an invoice asks for.
    /// - Parameter methodID: of the account's own; nil: the preferred one.
    /// - Throws: ``Failure`` 404 for a card that is not the account's; 503 without a provider.
    static func charge(_ invoiceID: Int64, to methodID: String? = nil, in app: App) async throws -> Outcome {
        let stripe = try StripeClient.require(app)
        let now = app.now()
        enum Begun: Sendable { case attempt(ChargeAttempts.Attempt), not(Outcome) }
        let begun = try await app.store.write { db -> Begun in
            guard let demand = try Demand.find(invoiceID, db), demand.isOwed else { return .not(.notOwed) }
            if let tooSmall = TooSmall(demand.payable) { return .not(.tooSmall(tooSmall)) }
            let named = try methodID.map { try PaymentMethods.require($0, of: demand.accountID, db) }
            guard let method = try named ?? PaymentMethods.preferred(of: demand.accountID, db) else {
                return .not(.nothingToCharge)
            }
            let attempt = try begin(demand, method, after: secondsOfAsking, at: now, db)
            return attempt.map { .attempt($0) } ?? .not(.underWay)
        }
        switch begun {
        case .not(let outcome): return outcome
        case .attempt(let attempt): return try await run(attempt, stripe, app)
        }
    }

    /// Charges so much as credit, in the account's currency.
    /// - Throws: ``Failure`` 503 without a provider.
    static func topUp(_ accountID: Int64, _ amount: Cents, in app: App) async throws -> Outcome {
        let stripe = try StripeClient.require(app)
        let now = app.now()
        enum Begun: Sendable { case attempt(ChargeAttempts.Attempt), not(Outcome) }
        let begun = try await app.store.write { db -> Begun in
            guard let method = try PaymentMethods.preferred(of: accountID, db) else { return .not(.nothingToCharge) }
            let money = Money(amount.value, try Accounts.currency(of: accountID, db))
            if let tooSmall = TooSmall(money) { return .not(.tooSmall(tooSmall)) }
            let attempt = try begin(money, accountID, nil, method, after: secondsOfAsking, at: now, db)
            return attempt.map { .attempt($0) } ?? .not(.underWay)
        }
        switch begun {
        case .not(let outcome): return outcome
        case .attempt(let attempt): return try await run(attempt, stripe, app)
        }
    }

    /// Writes an attempt down and leaves it to the outbox. What the demand carries is taken along, unless another
    /// charge of the account is under way, which may have taken it.
    /// - Parameter seconds: how long the outbox waits for somebody else to ask.
    /// - Returns: nil where one is under way, or would have to be waited for.
    static func begin(
        _ demand: Demand,
        _ method: PaymentMethods.Method,
        after seconds: Int64 = 0,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> ChargeAttempts.Attempt? {
        let isAlone = try !ChargeAttempts.isAnyUnderWay(of: demand.accountID, db)
        let money = isAlone ? demand.payable : Money(demand.owed.value, demand.currency)
        guard TooSmall(money) == nil else { return nil }
        return try begin(money, demand.accountID, demand.invoiceID, method, after: seconds, at: now, db)
    }

    private static func begin(
        _ amount: Money,
        _ accountID: Int64,
        _ invoiceID: Int64?,
        _ method: PaymentMethods.Method,
        after seconds: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> ChargeAttempts.Attempt? {
        let key = "purser-charge-\(Hex.encode(try Random.bytes(16)))"
        let attempt = try ChargeAttempts.insert(
            amount,
            accountID: accountID,
            invoiceID: invoiceID,
            paymentMethod: method.id,
            key: key,
            at: now,
            db
        )
        guard let attempt else { return nil }
        try OutboxRows.insert(
            .stripeCharge,
            accountID: accountID,
            .object([]),
            key: key,
            after: seconds,
            at: now,
            db
        )
        return attempt
    }

    private static func run(
        _ attempt: ChargeAttempts.Attempt,
        _ stripe: StripeClient,
        _ app: App
    ) async throws -> Outcome {
        do {
            let result = try await ChargeRequest(attempt, stripe, app).ask(.waiting)
            let (now, links) = (app.now(), app.invoiceLinks)
            try await app.store.write { db in try settle(attempt, result, isTold: false, links, at: now, db) }
            return result.outcome
        } catch let error where error is NotKnown || error is OutboundError || error is StripeError {
            app.log.warning(
                "what came of a charge is not known yet",
                metadata: ["charge": "\(attempt.key)", "error": "\(error)"]
            )
            return .notKnown(error)
        }
    }

    /// Waits for what comes of an attempt that is left to the outbox; where that is not to be known now, the outbox
    /// goes on.
    static func finish(_ attempt: ChargeAttempts.Attempt, in app: App) async throws {
        guard let stripe = app.stripe else { return }
        do {
            let result = try await ChargeRequest(attempt, stripe, app).ask(.background)
            let (now, links) = (app.now(), app.invoiceLinks)
            try await app.store.write { db in try settle(attempt, result, isTold: true, links, at: now, db) }
        } catch let error where error is NotKnown || error is OutboundError || error is StripeError {
            app.outbox.wake()
        }
    }

    /// The outbox's part: finds out what came of an attempt, or makes it.
    static func pursue(_ item: OutboxRows.Item, _ stripe: StripeClient, _ app: App) async throws {
        let attempt = try app.store.read { db in try ChargeAttempts.find(key: item.idempotencyKey, db) }
        guard let attempt, attempt.status == .asked else { return }
        let isRepeat = item.attempts > 0 || app.now() >= attempt.createdAt.adding(seconds: secondsOfAsking)
        let result = try await ChargeRequest(attempt, stripe, app).pursue(isRepeat: isRepeat)
        let (now, links) = (app.now(), app.invoiceLinks)
        try await app.store.write { db in try settle(attempt, result, isTold: true, links, at: now, db) }
    }

    /// For the events `payment_intent.*`: a charge that takes days ends by them, and one that we gave up may have come
    /// through after all. Its money is booked here.
    /// - Returns: whether it is one of ours.
    static func hear(
        _ intent: JSONValue,
        _ links: InvoiceLinks,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Bool {
        guard let key = intent["metadata"]?["purser_charge"]?.string,
            let attempt = try ChargeAttempts.find(key: key, db)
        else { return false }
        guard let result = ChargeResult(intent) else { return true }
        // Of a decline the answer to the charge tells, unless it took days.
        guard result.status == .succeeded || attempt.providerID != nil else { return true }
        try settle(attempt, result, isTold: true, links, at: now, db)
        return true
    }

    /// Books what came of an attempt, once.
    private static func settle(
        _ attempt: ChargeAttempts.Attempt,
        _ result: ChargeResult,
        isTold: Bool,
        _ links: InvoiceLinks,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let isNews = try ChargeAttempts.end(
            attempt.id,
            as: result.status,
            providerID: result.providerID,
            error: result.status == .succeeded ? nil : result.message,
            code: result.status == .succeeded ? nil : result.code,
            at: now,
            db
        )
        guard isNews else { return }
        if case .paid(let providerID) = result.outcome {
            try Payments.receive(
                Cents(result.received?.minor ?? attempt.amount.minor),
                attempt.amount.currency,
                from: attempt.accountID,
                providerID: providerID,
                chargeID: result.chargeID,
                invoiceID: attempt.invoiceID,
                description: "Charged by itself",
                at: now,
                db
            )
        } else {
            try ChargeNews(attempt, result).tell(byMail: isTold, links, at: now, db)
        }
    }
}
