import Crypto
import Outbound
import Storage
import Web

/// `POST /billing/create-payment`: a page at the provider where the caller pays `amount`.
///
/// Nothing is owed less until the provider's signed webhook says that it was paid.
struct CreatePayment: Mocked {
    /// Stripe's bound for a charge in dollars (docs.stripe.com/currencies).
    static let most = Cents(99_999_999)

    struct Input: Codable, Sendable {
        /// Dollars.
        let amount: Dollars
    }

    struct Answer: JSONOutput {
        let sessionID: String
        let url: String

        enum CodingKeys: String, CodingKey {
            case url
            case sessionID = "session_id"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        // A repeat is answered before anybody is asked: the provider forgets keys sooner than we do.
        try app.replay(to: caller)
        guard let stripe = app.stripe else {
            throw Failure.unavailable("Payments are not configured", code: "payments_not_configured", retryAfter: 300)
        }
        let account = try app.store.read { db in try Accounts.customer(accountID, db) }
        guard let customer = account?.stripeCustomerID else {
            throw Failure.badRequest("No Stripe customer ID found", code: "no_customer")
        }
        let amount = input.amount.cents
        guard amount > .zero else { throw Failure.invalid("amount", "must be greater than 0") }
        guard amount <= most else { throw Failure.invalid("amount", "must be at most \(most.dollars.text)") }
        let answer = try await begin(amount, customer, accountID, caller, stripe, app)
        let now = app.now()
        return try await app.commit(by: caller) { db in
            try Checkouts.insert(answer.sessionID, accountID: accountID, amount: amount, at: now, db)
            return answer
        }
    }

    private static func begin(
        _ amount: Cents,
        _ customer: String,
        _ accountID: Int64,
        _ caller: Caller,
        _ stripe: StripeClient,
        _ app: App
    ) async throws -> Answer {
        let form = [
            ("mode", "payment"),
            ("customer", customer),
            ("client_reference_id", "\(accountID)"),
            ("line_items[0][quantity]", "1"),
            ("line_items[0][price_data][currency]", "usd"),
            ("line_items[0][price_data][unit_amount]", "\(amount.value)"),
            ("line_items[0][price_data][product_data][name]", app.settings.paymentProduct),
            ("success_url", app.settings.paymentSuccessURL),
            ("cancel_url", app.settings.paymentCancelURL),
        ]
        // The client's own key makes its repeat the same session; without one each request is a new one.
        let key = caller.idempotency.map { Hex.encode(SHA256.digest(Array("\($0.caller)|\($0.key)".utf8))) }
        do {
            let session = try await stripe.post(
                "/v1/checkout/sessions",
                form,
                idempotencyKey: try key ?? StripeCustomers.newKey(app)
            )
            guard let url = session["url"]?.string else {
                throw StripeError(status: 200, type: "api_error", code: "", message: "a session without an address")
            }
            return Answer(sessionID: try session.requireID(), url: url)
        } catch let error as StripeError where error.type == "idempotency_error" {
            throw Failure(422, "idempotency_key_reused", "This Idempotency-Key is already used for another request")
        } catch let error as StripeError where error.isFinal {
            throw Failure.badRequest(error.message, code: error.code.isEmpty ? "payment_refused" : error.code)
        } catch let error where error is StripeError || error is OutboundError {
            app.log.warning("a payment could not be begun", metadata: ["error": "\(error)"])
            throw StripeClient.unavailable(error)
        }
    }

    static func mock(_ input: Input, by caller: Caller, at now: Timestamp) throws -> Answer {
        guard input.amount.cents > .zero else { throw Failure.invalid("amount", "must be greater than 0") }
        return Answer(sessionID: "cs_test_dev_mock_session", url: "https://checkout.stripe.com/test")
    }
}
