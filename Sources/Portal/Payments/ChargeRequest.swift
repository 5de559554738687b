import Outbound
import Storage
import Web

/// One attempt as the provider hears of it, and what it answers.
struct ChargeRequest {
    /// Hours in which the provider surely knows the key (docs.stripe.com/api/idempotent_requests: at least 24). After
    /// them the same request could charge again.
    private static let hoursOfKey: Int64 = 23

    private let attempt: ChargeAttempts.Attempt
    private let stripe: StripeClient
    private let app: App

    init(_ attempt: ChargeAttempts.Attempt, _ stripe: StripeClient, _ app: App) {
        (self.attempt, self.stripe, self.app) = (attempt, stripe, app)
    }

    /// - Throws: ``Charges/NotKnown``, ``StripeError``, `OutboundError`: nobody knows yet.
    func ask(_ patience: StripeClient.Patience) async throws -> ChargeResult {
        let found = try app.store.read { db in
            (
                try Accounts.customer(attempt.accountID, db)?.stripeCustomerID,
                try attempt.invoiceID.flatMap { try Demand.find($0, db)?.number }
            )
        }
        guard let customer = found.0 else {
            return .refused("no_customer", "The account is not known to the provider")
        }
        guard let amount = try? attempt.amount.providerAmount() else {
            return .refused("unchargeable", "This amount cannot be charged in this currency")
        }
        var form = [
            ("amount", "\(amount)"), ("currency", attempt.amount.currency.code), ("customer", customer),
            ("payment_method", attempt.paymentMethod), ("confirm", "true"), ("off_session", "true"),
            ("description", found.1.map { "Invoice \($0)" } ?? "Top-up"), ("metadata[purser_charge]", attempt.key),
            ("metadata[purser_account]", "\(attempt.accountID)"),
        ]
        if let invoiceID = attempt.invoiceID { form.append(("metadata[purser_invoice]", "\(invoiceID)")) }
        do {
            let intent = try await stripe.post("/v1/payment_intents", form, idempotencyKey: attempt.key, patience)
            return try await known(intent)
        } catch let error as StripeError where error.isFinal && error.type != "idempotency_error" {
            return ChargeResult(error)
        }
    }

    /// - Parameter isRepeat: it may have been asked before.
    /// - Throws: as ``ask(_:)``.
    func pursue(isRepeat: Bool) async throws -> ChargeResult {
        if let id = attempt.providerID {
            return try await known(try await stripe.get("/v1/payment_intents/\(PercentCoding.encode(id))"))
        }
        // Looked for first: a 500 would be repeated for a day under the same key, whatever had been done.
        if isRepeat, let intent = try await find() { return try await known(intent) }
        guard app.now() < attempt.createdAt.adding(seconds: Self.hoursOfKey * 3600) else { return .neverMade }
        do {
            return try await ask(.background)
        } catch let error as StripeError {
            throw Charges.NotKnown(description: "\(error.status) \(error.message)")
        }
    }

    private func known(_ intent: JSONValue) async throws -> ChargeResult {
        if let result = ChargeResult(intent) { return result }
        let id = try intent.requireID()
        try await app.store.write { db in try ChargeAttempts.note(id, of: attempt.id, db) }
        throw Charges.NotKnown(description: "\(id) is \(intent["status"]?.string ?? "in no known state")")
    }

    /// The provider's payment of this attempt, if it made one.
    private func find() async throws -> JSONValue? {
        guard
            let customer = try app.store.read({ db in try Accounts.customer(attempt.accountID, db) })?.stripeCustomerID
        else { return nil }
        // Its clock and ours may differ.
        let since = attempt.createdAt.adding(seconds: -600).seconds
        let query = [("customer", customer), ("created[gte]", "\(since)"), ("limit", "100")]
        let page: JSONValue
        do {
            page = try await stripe.get("/v1/payment_intents", query, .background)
        } catch let error as StripeError where error.isFinal {
            // The customer is no more, and nothing of theirs is.
            return nil
        }
        guard case .array(let intents)? = page["data"] else { return nil }
        return intents.first { $0["metadata"]?["purser_charge"]?.string == attempt.key }
    }
}
