import Crypto
import Outbound
import Storage
import Web

/// Accounts as customers of the payment provider.
enum StripeCustomers {
    struct Linked: Sendable {
        let customerID: String
        let subscriptionID: String?
    }

    /// Makes the customer, with the card if one is given, and subscribes it to the metered price where that is set up.
    /// - Returns: nil without a provider, or with one that does not answer now.
    /// - Throws: ``Failure`` 400 when the card cannot be attached.
    static func create(name: String, email: String, paymentMethod: String?, in app: App) async throws -> Linked? {
        guard let stripe = app.stripe else { return nil }
        var form: StripeClient.Form = [("name", name), ("email", email)]
        if let paymentMethod {
            // In one request, so that a refused card leaves no customer either.
            form += [("payment_method", paymentMethod), ("invoice_settings[default_payment_method]", paymentMethod)]
        }
        do {
            let customer = try await stripe.post("/v1/customers", form, idempotencyKey: try newKey(app))
            guard let id = customer["id"]?.string else { return nil }
            let subscription = paymentMethod == nil ? nil : try? await subscribe(id, stripe, app)
            return Linked(customerID: id, subscriptionID: subscription ?? nil)
        } catch let error as StripeError where error.isCallersFault && paymentMethod != nil {
            throw Failure.badRequest("The payment method was refused: \(error.message)", code: "card_refused")
        } catch is StripeError, is OutboundError {
            app.log.warning("the provider's customer is left for later")
            return nil
        }
    }

    private static func subscribe(_ customerID: String, _ stripe: StripeClient, _ app: App) async throws -> String? {
        guard let price = try app.store.read({ db in try StripeObjects.find(.price, db) }) else { return nil }
        let form = [("customer", customerID), ("items[0][price]", price)]
        return try await stripe.post("/v1/subscriptions", form, idempotencyKey: try newKey(app))["id"]?.string
    }

    static func newKey(_ app: App) throws -> String { Hex.encode(try app.random(16)) }

    /// Leaves the linking to the outbox, in the transaction that makes the account.
    static func linkLater(_ accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try OutboxRows.insert(
            .stripeCustomer,
            accountID: accountID,
            payload: "{}",
            key: "customer-\(accountID)",
            at: now,
            db
        )
    }

    /// The outbox's part: makes the customer that could not be made at sign-up.
    static func link(_ row: OutboxRows.Item, _ stripe: StripeClient, _ app: App) async throws {
        guard let account = try app.store.read({ db in try Accounts.customer(row.accountID, db) }),
            account.stripeCustomerID == nil
        else { return }
        let form = [("name", account.name), ("email", account.email)]
        let customer = try await stripe.post("/v1/customers", form, idempotencyKey: row.idempotencyKey)
        guard let id = customer["id"]?.string else { return }
        try await app.store.write { db in try Accounts.setStripeCustomer(id, of: account.id, db) }
    }
}

/// Objects that set-up made at the provider, by the part they play. Every statement on `stripe_object` is here.
enum StripeObjects {
    enum Role: String, Sendable { case meter, price }

    static func find(_ role: Role, _ db: borrowing Database) throws -> String? {
        try db.value("SELECT object_id FROM stripe_object WHERE role = ?", role.rawValue)
    }

    static func put(_ role: Role, _ id: String, _ db: borrowing Database) throws {
        try db.run(
            """
            INSERT INTO stripe_object (role, object_id) VALUES (?, ?)
            ON CONFLICT (role) DO UPDATE SET object_id = excluded.object_id
            """,
            role.rawValue,
            id
        )
    }
}
