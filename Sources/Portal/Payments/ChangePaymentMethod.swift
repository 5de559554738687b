import Outbound
import Storage
import Web

struct PaymentMethodInput: Codable, Sendable {
    let id: Text<1, 255>
}

/// `DELETE /api/v1/billing/payment-methods/{id}`: the card can be charged no more.
struct RemovePaymentMethod: Endpoint {
    struct Answer: JSONOutput {
        let deleted: Bool
    }

    static func handle(_ input: PaymentMethodInput, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let method = try app.store.read { db in try PaymentMethods.require(input.id.value, of: accountID, db) }
        let stripe = try StripeClient.require(app)
        do {
            _ = try await stripe.post(
                "/v1/payment_methods/\(PercentCoding.encode(method.id))/detach",
                [],
                idempotencyKey: try StripeCustomers.newKey(app)
            )
        } catch let error as StripeError where error.isFinal {
            // It is attached to nobody any more.
        } catch let error where error is StripeError || error is OutboundError {
            throw StripeClient.failure(error, otherwise: "card_refused", app)
        }
        let now = app.now()
        return try await app.store.write { db in
            try PaymentMethods.detach(method.id, at: now, db)
            try Audit.record(.cardRemoved, by: caller, account: accountID, target: "card:\(method.id)", at: now, db)
            return Answer(deleted: true)
        }
    }
}

/// `POST /api/v1/billing/payment-methods/{id}/default`: the card that is charged where none is named.
struct PreferPaymentMethod: Endpoint {
    static func handle(
        _ input: PaymentMethodInput,
        by caller: Caller,
        in app: App
    ) async throws -> Listed<PaymentMethodView> {
        let accountID = try caller.requireHolder().accountID
        let method = try app.store.read { db in try PaymentMethods.require(input.id.value, of: accountID, db) }
        let stripe = try StripeClient.require(app)
        let customer = try await StripeCustomers.require(accountID, stripe, in: app)
        do {
            _ = try await stripe.post(
                "/v1/customers/\(PercentCoding.encode(customer))",
                [("invoice_settings[default_payment_method]", method.id)],
                idempotencyKey: try StripeCustomers.newKey(app)
            )
        } catch let error where error is StripeError || error is OutboundError {
            throw StripeClient.failure(error, otherwise: "card_refused", app)
        }
        let now = app.now()
        return try await app.commit(by: caller) { db in
            try PaymentMethods.setDefault(method.id, of: accountID, db)
            try Audit.record(.cardPreferred, by: caller, account: accountID, target: "card:\(method.id)", at: now, db)
            return Listed(try PaymentMethodView.list(of: accountID, db))
        }
    }
}
