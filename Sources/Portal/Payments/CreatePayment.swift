import Web

/// `POST /billing/create-payment`: a page at the provider where the caller pays `amount`.
///
/// Nothing is owed less until the provider's signed webhook says that it was paid.
struct CreatePayment: Mocked {
    /// Stripe's bound for a charge in dollars (docs.stripe.com/currencies).
    static let most = Cents(99_999_999)

    struct Input: Codable, Sendable {
        /// Dollars, or the account's own currency where it has another.
        let amount: Dollars
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> CheckoutPage.Opened {
        let accountID = try caller.requireHolder().accountID
        // A repeat is answered before anybody is asked: the provider forgets keys sooner than we do.
        try app.replay(to: caller)
        let stripe = try StripeClient.require(app)
        let (account, currency) = try app.store.read { db in
            (try Accounts.customer(accountID, db), try Accounts.currency(of: accountID, db))
        }
        guard let customer = account?.stripeCustomerID else {
            throw Failure.badRequest("No Stripe customer ID found", code: "no_customer")
        }
        let amount = input.amount.cents
        guard amount > .zero else { throw Failure.invalid("amount", "must be greater than 0") }
        guard amount <= most else { throw Failure.invalid("amount", "must be at most \(most.dollars.text)") }
        let page = CheckoutPage(
            accountID: accountID,
            purpose: .balance,
            amount: currency == .usd ? Money(amount.value, .usd) : try OpenCheckout.money(input.amount, in: currency),
            line: app.settings.paymentProduct
        )
        return try await page.open(for: customer, stripe, by: caller, in: app)
    }

    static func mock(_ input: Input, by caller: Caller, at now: Timestamp) throws -> CheckoutPage.Opened {
        guard input.amount.cents > .zero else { throw Failure.invalid("amount", "must be greater than 0") }
        return CheckoutPage.Opened(sessionID: "cs_test_dev_mock_session", url: "https://checkout.stripe.com/test")
    }
}
