import Outbound
import Storage
import Web

/// `POST /api/v1/billing/payment-methods`: keeps a card that the provider's script in the browser has made; without
/// one, answers a page at the provider where a card can be typed.
struct AddPaymentMethod: Endpoint {
    struct Input: Codable, Sendable {
        /// `pm_…`
        let paymentMethodID: Text<1, 255>?

        enum CodingKeys: String, CodingKey {
            case paymentMethodID = "payment_method_id"
        }
    }

    struct Answer: JSONOutput {
        /// Null where there is a page to go to first.
        let paymentMethod: Nullable<PaymentMethodView>
        let url: Nullable<String>
        let sessionID: Nullable<String>

        enum CodingKeys: String, CodingKey {
            case url
            case paymentMethod = "payment_method"
            case sessionID = "session_id"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let stripe = try StripeClient.require(app)
        let customer = try await StripeCustomers.require(accountID, stripe, in: app)
        guard let id = input.paymentMethodID?.value else {
            let currency = try app.store.read { db in try Accounts.currency(of: accountID, db) }
            let page = CheckoutPage(accountID: accountID, purpose: .card, amount: Money(0, currency), line: "")
            // A repeat opens another page, which costs nobody anything.
            let opened = try await page.open(for: customer, stripe, by: caller.withoutClaim(), in: app)
            return Answer(
                paymentMethod: Nullable(nil),
                url: Nullable(opened.url),
                sessionID: Nullable(opened.sessionID)
            )
        }
        let card = try await attach(id, to: customer, stripe, app)
        let now = app.now()
        return try await app.commit(by: caller) { db in
            try PaymentMethods.keep(card, of: accountID, at: now, db)
            let added = try card.requireID()
            try Audit.record(.cardAdded, by: caller, account: accountID, target: "card:\(added)", at: now, db)
            let view = try PaymentMethodView.list(of: accountID, db).first { $0.id == added }
            return Answer(paymentMethod: Nullable(view), url: Nullable(nil), sessionID: Nullable(nil))
        }
    }

    private static func attach(
        _ id: String,
        to customer: String,
        _ stripe: StripeClient,
        _ app: App
    ) async throws -> JSONValue {
        do {
            return try await stripe.post(
                "/v1/payment_methods/\(PercentCoding.encode(id))/attach",
                [("customer", customer)],
                idempotencyKey: try StripeCustomers.newKey(app)
            )
        } catch let error as StripeError where error.isFinal {
            throw Failure.badRequest("The payment method was refused: \(error.message)", code: "card_refused")
        } catch let error where error is StripeError || error is OutboundError {
            throw StripeClient.failure(error, otherwise: "card_refused", app)
        }
    }
}
