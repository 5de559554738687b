import Outbound
import Storage
import Web

/// `POST /api-v2/dashboard/billing/portal`: a page at the provider where the account sees and changes how it pays.
struct OpenBillingPortal: Endpoint {
    struct Answer: JSONOutput {
        let url: String
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let stripe = try StripeClient.require(app)
        let account = try app.store.read { db in try Accounts.customer(accountID, db) }
        guard let customer = account?.stripeCustomerID else {
            throw Failure.badRequest("No Stripe customer ID found", code: "no_customer")
        }
        return try await open(for: customer, stripe, app)
    }

    fileprivate static func open(for customer: String, _ stripe: StripeClient, _ app: App) async throws -> Answer {
        let form = [("customer", customer), ("return_url", "\(app.settings.publicURL)/dashboard.html")]
        do {
            let session = try await stripe.post(
                "/v1/billing_portal/sessions",
                form,
                idempotencyKey: try StripeCustomers.newKey(app)
            )
            guard let url = session["url"]?.string else {
                throw StripeError(status: 200, type: "api_error", code: "", message: "a session without an address")
            }
            return Answer(url: url)
        } catch let error where error is StripeError || error is OutboundError {
            throw StripeClient.failure(error, otherwise: "portal_refused", app)
        }
    }
}

/// `POST /api/v1/billing/portal`: the same, for accounts that are no customer yet too: they become one.
struct OpenAccountPortal: Endpoint {
    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> OpenBillingPortal.Answer {
        let accountID = try caller.requireHolder().accountID
        let stripe = try StripeClient.require(app)
        let customer = try await StripeCustomers.require(accountID, stripe, in: app)
        return try await OpenBillingPortal.open(for: customer, stripe, app)
    }
}
