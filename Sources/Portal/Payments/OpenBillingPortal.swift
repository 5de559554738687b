import Outbound
import Web

/// `POST /api-v2/dashboard/billing/portal`: a page at the provider where the account sees and changes how it pays.
struct OpenBillingPortal: Endpoint {
    struct Answer: JSONOutput {
        let url: String
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        guard let stripe = app.stripe else {
            throw Failure.unavailable("Payments are not configured", code: "payments_not_configured", retryAfter: 300)
        }
        let account = try app.store.read { db in try Accounts.customer(accountID, db) }
        guard let customer = account?.stripeCustomerID else {
            throw Failure.badRequest("No Stripe customer ID found", code: "no_customer")
        }
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
        } catch let error as StripeError where error.isFinal {
            throw Failure.badRequest(error.message, code: error.code.isEmpty ? "portal_refused" : error.code)
        } catch let error where error is StripeError || error is OutboundError {
            app.log.warning("a billing portal could not be opened", metadata: ["error": "\(error)"])
            throw StripeClient.unavailable(error)
        }
    }
}
