import Storage
import Web

/// Credit that is bought: by a page at the provider, or by the saved card.
enum TopUps {
    /// - Throws: ``Failure`` 400 for less and for more than the provider takes at once.
    static func amount(_ typed: UnitPrice, _ field: String, _ currency: Currency) throws -> Cents {
        let amount = try Money(typed, field, in: currency).cents
        guard amount <= CreatePayment.most else {
            throw Failure.invalid(field, "must be at most \(Money(CreatePayment.most.value, currency).text)")
        }
        guard amount >= currency.leastCharge else {
            throw Failure.invalid(field, "must be at least \(Money(currency.leastCharge.value, currency).text)")
        }
        return amount
    }

    /// The one place where a saved card is charged for credit.
    static func charge(_ accountID: Int64, _ amount: Cents, _ app: App) async throws -> LowCredit.Outcome {
        switch try await Charges.topUp(accountID, amount, in: app) {
        case .paid: .charged
        case .declined(_, let message), .needsAction(let message): .failed(message)
        case .notKnown, .underWay: .unknown
        case .nothingToCharge, .notOwed: .failed("There is no saved card")
        case .tooSmall(let tooSmall): .failed(tooSmall.choice.detail)
        }
    }
}

/// `POST /api/v1/credit/top-ups`: a page at the provider where the caller buys credit.
struct BeginTopUp: Endpoint {
    struct Input: Codable, Sendable {
        /// In the account's currency.
        let amount: UnitPrice
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> CheckoutPage.Opened {
        let accountID = try caller.requireHolder().accountID
        let currency = try app.store.read { db in try Accounts.currency(of: accountID, db) }
        let amount = try TopUps.amount(input.amount, "amount", currency)
        let page = CheckoutPage(
            accountID: accountID,
            purpose: .topUp,
            amount: Money(amount.value, currency),
            line: app.settings.paymentProduct
        )
        return try await page.open(by: caller, in: app)
    }
}

/// `POST /api/v1/credit/top-ups/charge`: buys credit by the saved card, at once.
struct ChargeTopUp: Endpoint {
    struct Answer: JSONOutput {
        enum Status: String, Codable, CaseIterable, Documented {
            /// The card was charged; what the account owes was paid first, the rest is credit.
            case charged
            /// The provider has not said how it went.
            case pending

            static var sample: Status { .charged }
        }

        let status: Status
    }

    static func handle(_ input: BeginTopUp.Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        try app.replay(to: caller)
        guard app.stripe != nil else {
            throw Failure.unavailable("Payments are not configured", code: "payments_not_configured", retryAfter: 300)
        }
        let currency = try app.store.read { db in try Accounts.currency(of: accountID, db) }
        let amount = try TopUps.amount(input.amount, "amount", currency)
        let status: Answer.Status
        switch try await TopUps.charge(accountID, amount, app) {
        case .charged: status = .charged
        case .unknown: status = .pending
        case .failed(let reason): throw Failure(402, "top_up_failed", reason)
        }
        return try await app.commit(by: caller) { _ in Answer(status: status) }
    }
}
