import Crypto
import Logging
import Outbound
import Storage
import Web

/// Accounts as customers of the payment provider.
enum StripeCustomers {
    /// A customer to be made. It is kept as it was first asked for, key and all: where the answer was lost, asking
    /// again for the same gives the customer that was made (docs.stripe.com/api/idempotent_requests).
    struct Order: Sendable {
        let name: String
        let email: String
        var paymentMethod: String?
        var key: String

        /// The key is part of it, so that the customer can be told from others of the same address.
        var form: StripeClient.Form {
            let form = [("name", name), ("email", email), ("metadata[purser_order]", key)]
            guard let paymentMethod else { return form }
            // In one request, so that a refused card leaves no customer either.
            return form + [
                ("payment_method", paymentMethod), ("invoice_settings[default_payment_method]", paymentMethod),
            ]
        }
    }

    struct Linked: Sendable {
        let customerID: String
        let subscriptionID: String?
        /// Under which the subscription was asked for; nil where none is wanted.
        let subscriptionKey: String?
    }

    /// Makes the customer, with the card if one is given, and subscribes it to the metered price where that is set up.
    /// - Returns: nil without a provider, or with one that does not answer now.
    /// - Throws: ``Failure`` 400 when the card cannot be attached.
    static func create(_ order: Order, in app: App) async throws -> Linked? {
        guard let stripe = app.stripe else { return nil }
        do {
            let price = try app.store.read { db in try StripeObjects.find(.price, db) }
            let id = try await stripe.post("/v1/customers", order.form, idempotencyKey: order.key).requireID()
            guard order.paymentMethod != nil, let price else {
                return Linked(customerID: id, subscriptionID: nil, subscriptionKey: nil)
            }
            let key = order.key + "-subscription"
            let subscription = try? await subscribe(id, to: price, key: key, stripe, .waiting)
            return Linked(customerID: id, subscriptionID: subscription, subscriptionKey: key)
        } catch let error as StripeError where error.isFinal && order.paymentMethod != nil {
            throw Failure.badRequest("The payment method was refused: \(error.message)", code: "card_refused")
        } catch let error where error is StripeError || error is OutboundError {
            app.log.warning("the provider's customer is left for later", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// Takes back a customer whose account was not made after all, so that nobody is left over at the provider.
    static func discard(_ linked: Linked, in app: App) async {
        do {
            try await app.stripe?.delete("/v1/customers/\(linked.customerID)")
        } catch {
            let metadata: Logger.Metadata = ["customer": "\(linked.customerID)", "error": "\(error)"]
            app.log.warning("a customer without an account is left at the provider", metadata: metadata)
        }
    }

    private static func subscribe(
        _ customerID: String,
        to price: String,
        key: String,
        _ stripe: StripeClient,
        _ patience: StripeClient.Patience
    ) async throws -> String {
        let form = [("customer", customerID), ("items[0][price]", price)]
        return try await stripe.post("/v1/subscriptions", form, idempotencyKey: key, patience).requireID()
    }

    static func newKey(_ app: App) throws -> String { Hex.encode(try app.random(16)) }

    // MARK: Later

    /// Puts down what ``create(_:in:)`` gave, in the transaction that makes the account; what is still to be done is
    /// left to the outbox.
    static func keep(
        _ linked: Linked?,
        of order: Order,
        for accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        guard let linked else { return try linkLater(accountID, order, at: now, db) }
        try Accounts.setStripeCustomer(linked.customerID, of: accountID, db)
        // The provider's word of the card may have come before there was an account to give it to.
        if order.paymentMethod != nil { try PaymentMethods.fetchLater(of: accountID, at: now, db) }
        if let id = linked.subscriptionID {
            try Accounts.setStripeSubscription(id, of: accountID, db)
        } else if let key = linked.subscriptionKey {
            try subscribeLater(accountID, key: key, at: now, db)
        }
    }

    /// The customer that an account is at the provider, made at once where it is none yet.
    /// - Throws: ``Failure`` 400, 503.
    static func require(_ accountID: Int64, _ stripe: StripeClient, in app: App) async throws -> String {
        let known = { try app.store.read { db in try Accounts.customer(accountID, db)?.stripeCustomerID } }
        if let id = try known() { return id }
        let now = app.now()
        do {
            // The outbox may be about it already: by the same order, there will be one customer.
            let order = try await app.store.write { db in
                if try OutboxRows.find(.stripeCustomer, accountID: accountID, db) == nil {
                    try linkLater(accountID, at: now, db)
                }
                return try OutboxRows.find(.stripeCustomer, accountID: accountID, db)
            }
            if let order { try await link(order, stripe, app, .waiting) }
        } catch let error where error is StripeError || error is OutboundError {
            throw StripeClient.failure(error, otherwise: "customer_refused", app)
        }
        guard let id = try known() else { throw Failure.badRequest("The account has no owner", code: "no_customer") }
        return id
    }

    /// Leaves the linking of an account that was made without the provider to the outbox.
    static func linkLater(_ accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        guard let account = try Accounts.customer(accountID, db) else { return }
        // The time tells this store's accounts from those of another one that uses the same provider account.
        let key = "purser-customer-\(accountID)-\(now.milliseconds)"
        try linkLater(accountID, Order(name: account.name, email: account.email, key: key), at: now, db)
    }

    private static func linkLater(
        _ accountID: Int64,
        _ order: Order,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let payload = JSONValue.object([
            .init("name", .string(order.name)),
            .init("email", .string(order.email)),
            .init("payment_method", order.paymentMethod.map { .string($0) } ?? .null),
            .init("uses_after", .integer(try UsageEvents.lastID(db))),
        ])
        try OutboxRows.insert(.stripeCustomer, accountID: accountID, payload, key: order.key, at: now, db)
    }

    private static func subscribeLater(_ accountID: Int64, key: String, at now: Timestamp, _ db: borrowing Database)
        throws
    {
        guard let price = try StripeObjects.find(.price, db) else { return }
        let payload = JSONValue.object([.init("price", .string(price))])
        try OutboxRows.insert(.stripeSubscription, accountID: accountID, payload, key: key, at: now, db)
    }

    /// The outbox's part: makes the customer that could not be made at sign-up, and reports what was used meanwhile.
    static func link(
        _ item: OutboxRows.Item,
        _ stripe: StripeClient,
        _ app: App,
        _ patience: StripeClient.Patience = .background
    ) async throws {
        guard let account = try app.store.read({ db in try Accounts.customer(item.accountID, db) }),
            account.stripeCustomerID == nil
        else { return }
        let order = Order(
            name: item.payload["name"]?.string ?? account.name,
            email: item.payload["email"]?.string ?? account.email,
            paymentMethod: item.payload["payment_method"]?.string,
            key: item.idempotencyKey
        )
        let (customerID, hasCard) = try await findOrMake(order, isRepeat: item.attempts > 0, stripe, patience)
        let usesAfter = item.payload["uses_after"]?.integer ?? 0
        let (now, reports) = (app.now(), app.meterReports)
        try await app.store.write { db in
            try Accounts.setStripeCustomer(customerID, of: account.id, db)
            if hasCard {
                try PaymentMethods.fetchLater(of: account.id, at: now, db)
                try subscribeLater(account.id, key: order.key + "-subscription", at: now, db)
            }
            try reports?.report(usesOf: account.id, after: usesAfter, at: now, db)
        }
    }

    /// A repeat first looks whether an earlier attempt came through: Stripe forgets keys after a day, and says 500
    /// for as long under one that it answered so.
    private static func findOrMake(
        _ order: Order,
        isRepeat: Bool,
        _ stripe: StripeClient,
        _ patience: StripeClient.Patience
    ) async throws -> (id: String, hasCard: Bool) {
        if isRepeat {
            let page = try await stripe.get("/v1/customers", [("email", order.email), ("limit", "100")], patience)
            if case .array(let customers)? = page["data"],
                let found = customers.first(where: {
                    $0["metadata"]?["purser_order"]?.string?.hasPrefix(order.key) == true
                })
            {
                let hasCard = found["invoice_settings"]?["default_payment_method"]?.string != nil
                return (try found.requireID(), hasCard)
            }
        }
        let post = { (order: Order) in
            try await stripe.post("/v1/customers", order.form, idempotencyKey: order.key, patience).requireID()
        }
        do {
            return (try await post(order), order.paymentMethod != nil)
        } catch let error as StripeError where error.isFinal && order.paymentMethod != nil {
            // Nobody waits any more who could name another card: without one, then.
            let bare = Order(name: order.name, email: order.email, key: order.key + "-without-card")
            return (try await post(bare), false)
        }
    }

    /// The outbox's part: the subscription that could not be made at sign-up.
    static func subscribe(_ item: OutboxRows.Item, _ stripe: StripeClient, _ app: App) async throws {
        guard let account = try app.store.read({ db in try Accounts.customer(item.accountID, db) }),
            let customerID = account.stripeCustomerID, let price = item.payload["price"]?.string
        else { return }
        let id = try await subscribe(customerID, to: price, key: item.idempotencyKey, stripe, .background)
        try await app.store.write { db in try Accounts.setStripeSubscription(id, of: account.id, db) }
    }
}
