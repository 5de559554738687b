import Crypto
import Outbound
import Storage
import Web

/// A page at the provider that is about to be opened: to pay, or only to keep a card.
struct CheckoutPage: Sendable {
    let accountID: Int64
    let purpose: Checkouts.Purpose
    /// Nothing: no money is asked for. So where a subscription would begin with too little: the card is kept, and the
    /// next payment takes it along.
    let amount: Money
    /// The one line on the page.
    let line: String
    /// Where it leads back to, paid or not; nil: to the settings' pages.
    var backTo: String?

    struct Opened: JSONOutput {
        let sessionID: String
        let url: String

        enum CodingKeys: String, CodingKey {
            case url
            case sessionID = "session_id"
        }
    }

    /// Opens it and notes it down. With the caller's `Idempotency-Key` a repeat is the same page.
    /// - Throws: ``Failure`` 400 for what the provider refuses, 503 where it does not answer.
    func open(by caller: Caller, in app: App) async throws -> Opened {
        // A repeat is answered before anybody is asked: the provider forgets keys sooner than we do.
        try app.replay(to: caller)
        let stripe = try StripeClient.require(app)
        let customer = try await StripeCustomers.require(accountID, stripe, in: app)
        return try await open(for: customer, stripe, by: caller, in: app)
    }

    func open(for customer: String, _ stripe: StripeClient, by caller: Caller, in app: App) async throws -> Opened {
        let opened = try await ask(for: customer, stripe, caller, app)
        let now = app.now()
        return try await app.commit(by: caller) { db in
            try Checkouts.insert(opened.sessionID, accountID: accountID, for: purpose, amount, at: now, db)
            return opened
        }
    }

    private func ask(
        for customer: String,
        _ stripe: StripeClient,
        _ caller: Caller,
        _ app: App
    ) async throws -> Opened {
        let form = try form(for: customer, app.settings)
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
            return Opened(sessionID: try session.requireID(), url: url)
        } catch let error where error is StripeError || error is OutboundError {
            throw StripeClient.failure(error, otherwise: "payment_refused", app)
        }
    }

    private var isSubscription: Bool { if case .subscription = purpose { true } else { false } }

    private func form(for customer: String, _ settings: Settings) throws -> StripeClient.Form {
        let asked: Int64
        if let tooSmall = TooSmall(amount), !isSubscription { throw tooSmall.choice }
        do {
            asked = TooSmall(amount) == nil ? try amount.providerAmount() : 0
        } catch {
            throw Failure.badRequest("\(amount.text) cannot be charged in this currency", code: "unchargeable")
        }
        var form = [
            ("mode", asked > 0 ? "payment" : "setup"),
            ("customer", customer),
            ("client_reference_id", "\(accountID)"),
            ("success_url", backTo ?? settings.paymentSuccessURL),
            ("cancel_url", backTo ?? settings.paymentCancelURL),
            ("metadata[purser_purpose]", purpose.name),
        ]
        if let id = purpose.invoiceID { form.append(("metadata[purser_invoice]", "\(id)")) }
        if let id = purpose.planPriceID { form.append(("metadata[purser_plan_price]", "\(id)")) }
        guard asked > 0 else { return form + [("currency", amount.currency.code)] }
        form += [
            ("line_items[0][quantity]", "1"),
            ("line_items[0][price_data][currency]", amount.currency.code),
            ("line_items[0][price_data][unit_amount]", "\(asked)"),
            ("line_items[0][price_data][product_data][name]", line),
        ]
        if purpose.keepsCard { form.append(("payment_intent_data[setup_future_usage]", "off_session")) }
        return form
    }
}
