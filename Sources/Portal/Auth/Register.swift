import Storage
import Web

/// `POST /auth/register`: a person, their account on the free plan, the opening credit and a first key.
///
/// The provider's customer and card come first: a card that is declined leaves no user. With the provider down or not
/// configured the account is made all the same, and the outbox links it later. The key is shown here and never again,
/// which is why an `Idempotency-Key` is not kept for this route: a stored answer would hold it.
struct Register: Endpoint {
    /// Of clients from before ``PasswordRules/minimum``.
    static let passwordMinimum = 8
    static let taken = Failure.conflict("Email already registered", code: "email_taken")

    struct Input: Codable, Sendable {
        let name: Text<1, 120>
        let email: Email
        /// At least ``passwordMinimum`` characters; an empty one, as forms send it, is none.
        let password: Password?
        let paymentMethodID: Text<0, 255>?
        let createStripeAccount: Bool?

        enum CodingKeys: String, CodingKey {
            case name, email, password
            case paymentMethodID = "payment_method_id"
            case createStripeAccount = "create_stripe_account"
        }
    }

    struct Registered: Codable, Sendable {
        struct User: Codable, Sendable {
            let id: Int64
            let email: String
            let name: String
            let apiKey: String
            let tier: String
            let balance: Dollars
            let stripeCustomerID: Nullable<String>
            let stripeSubscriptionID: Nullable<String>

            enum CodingKeys: String, CodingKey {
                case id, email, name, tier, balance
                case apiKey = "api_key"
                case stripeCustomerID = "stripe_customer_id"
                case stripeSubscriptionID = "stripe_subscription_id"
            }
        }

        let success: Bool
        let user: User
        let stripeCustomerCreated: Bool
        let stripeSubscriptionCreated: Bool
        /// Dollars.
        let invoiceThreshold: Dollars
        let message: String

        enum CodingKeys: String, CodingKey {
            case success, user, message
            case stripeCustomerCreated = "stripe_customer_created"
            case stripeSubscriptionCreated = "stripe_subscription_created"
            case invoiceThreshold = "invoice_threshold_usd"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<Registered> {
        let password = input.password?.value ?? ""
        if let given = input.password, !given.value.isEmpty {
            try PasswordRules.check(given, of: input.email.value, input.name.value, atLeast: passwordMinimum)
        }
        // Before it is said that the address is taken, so that the clock does not say it.
        let hash: String? = if password.isEmpty { nil } else { try await app.passwords.hash(password) }
        let isTaken = try app.store.read { db in try People.find(email: input.email, db) != nil }
        guard !isTaken else { throw taken }
        let order = try order(input, app)
        let customer: StripeCustomers.Linked? =
            if let order { try await StripeCustomers.create(order, in: app) } else { nil }
        let key = try APIKey.generate(prefix: app.settings.keyPrefix)
        let digest = app.keyDigests.digest(of: key.text)
        let newcomer = Newcomer(name: input.name.value, email: input.email, passwordHash: hash)
        let token = try SingleUseTokens.make(app)
        let now = app.now()
        let credit = app.settings.openingCredit
        let personID: Int64
        do {
            personID = try await app.store.write { db in
                let ids = try newcomer.insert(key: key, digest: digest, credit: credit, at: now, db)
                try VerificationMail.queue(
                    token,
                    to: newcomer.email.value,
                    name: newcomer.name,
                    personID: ids.person,
                    at: now,
                    app.settings,
                    db
                )
                try Audit.record(
                    .accountCreated,
                    by: caller,
                    account: ids.account,
                    target: "account:\(ids.account)",
                    detail: [.init("name", .string(newcomer.name)), .init("plan", .string(newcomer.plan))],
                    at: now,
                    db
                )
                if let order { try StripeCustomers.keep(customer, of: order, for: ids.account, at: now, db) }
                return ids.person
            }
        } catch {
            if let customer, leavesNothing(error) { await StripeCustomers.discard(customer, in: app) }
            throw error
        }
        app.outbox.wake()
        return Created(answer(to: newcomer, personID, key, customer, app))
    }

    /// Nil for who wants no customer at the provider.
    private static func order(_ input: Input, _ app: App) throws -> StripeCustomers.Order? {
        guard input.createStripeAccount ?? true else { return nil }
        let card = input.paymentMethodID?.value ?? ""
        return StripeCustomers.Order(
            name: input.name.value,
            email: input.email.value,
            paymentMethod: card.isEmpty ? nil : card,
            key: try StripeCustomers.newKey(app)
        )
    }

    /// Whether it is certain that no account was made: somebody else took the address meanwhile, or the store could
    /// not even begin.
    private static func leavesNothing(_ error: any Error) -> Bool {
        switch error {
        case is Failure, StoreError.overloaded, StoreError.busy, StoreError.full: true
        default: false
        }
    }

    private static func answer(
        to newcomer: Newcomer,
        _ personID: Int64,
        _ key: APIKey,
        _ customer: StripeCustomers.Linked?,
        _ app: App
    ) -> Registered {
        Registered(
            success: true,
            user: Registered.User(
                id: personID,
                email: newcomer.email.value,
                name: newcomer.name,
                apiKey: key.text,
                tier: Plans.free,
                balance: app.settings.openingCredit.dollars,
                stripeCustomerID: Nullable(customer?.customerID),
                stripeSubscriptionID: Nullable(customer?.subscriptionID)
            ),
            stripeCustomerCreated: customer != nil,
            stripeSubscriptionCreated: customer?.subscriptionID != nil,
            invoiceThreshold: app.settings.invoiceThreshold.dollars,
            message: "Registration successful. Keep the API key safe: it is not shown again."
        )
    }
}

/// What a new account begins with, however it comes about.
struct Newcomer: Sendable {
    let name: String
    let email: Email
    let passwordHash: String?
    var isOperator = false
    var plan = Plans.free
    /// Nil: the person's name.
    var accountName: String?

    /// - Throws: ``Failure`` 409 when the address is taken.
    func insert(
        key: APIKey,
        digest: [UInt8],
        credit: Cents,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> (person: Int64, account: Int64, key: Int64) {
        let (personID, accountID) = try insert(credit: credit, at: now, db)
        let keyID = try APIKeys.insert(
            key,
            digest: digest,
            label: "First key",
            accountID: accountID,
            personID: personID,
            at: now,
            db
        )
        return (personID, accountID, keyID)
    }

    /// Without a key: for those to whom none can be shown.
    /// - Throws: ``Failure`` 409 when the address is taken.
    func insert(
        credit: Cents,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> (person: Int64, account: Int64) {
        guard let plan = try Plans.find(code: plan, db) else { throw Failure.notFound("Plan not found") }
        let personID = try People.insert(
            email: email,
            name: name,
            passwordHash: passwordHash,
            isOperator: isOperator,
            at: now,
            db
        )
        let accountID = try Accounts.insert(name: accountName ?? name, planID: plan.id, ownerID: personID, at: now, db)
        try CreditGrants.give(credit, kind: .promotion, name: "Opening credit", to: accountID, at: now, db)
        return (personID, accountID)
    }
}
