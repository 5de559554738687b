import Web

/// `POST /api/auth/signup`: a person and an account on the partner program's free plan, to which it is subscribed, so
/// that no page of the dashboard is empty. Apps have keys of their own, so there is none yet.
struct SignUpPartner: Endpoint {
    struct Input: Codable, Sendable {
        let email: TypedEmail?
        /// At least ``Register/passwordMinimum`` characters.
        let password: Password?
        let name: Text<0, 120>?
        /// Of the account; the person's name unless given.
        let companyName: Text<0, 120>?
    }

    struct SignedUp: Codable, Sendable {
        let message: String
        let userId: String
        let partnerId: String
    }

    /// The sentences are read by clients (contract, section 2).
    private static let incomplete = Failure.badRequest("Email and password are required")
    private static let taken = Failure.badRequest("User with this email already exists", code: "email_taken")

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<SignedUp> {
        guard let typed = input.email, !typed.text.isEmpty, let password = input.password, !password.value.isEmpty
        else { throw incomplete }
        guard let email = Email(typed.text) else { throw Failure.invalid("email", "must be a mail address") }
        let company = input.companyName?.value ?? ""
        let given = input.name?.value ?? ""
        let name = given.isEmpty ? String(email.value.prefix { $0 != "@" }) : given
        try PasswordRules.check(password, of: email.value, "\(name) \(company)", atLeast: Register.passwordMinimum)
        // Before it is said that the address is taken, so that the clock does not say it.
        let hash = try await app.passwords.hash(password.value)
        var newcomer = Newcomer(name: name, email: email, passwordHash: hash, plan: Plans.Family.partner.freePlan)
        newcomer.accountName = company.isEmpty ? nil : company
        let answer = try await store(newcomer, by: caller, in: app)
        app.outbox.wake()
        return Created(answer)
    }

    private static func store(_ newcomer: Newcomer, by caller: Caller, in app: App) async throws -> SignedUp {
        let (token, now, settings) = (try SingleUseTokens.make(app), app.now(), app.settings)
        return try await app.store.write { db in
            guard try People.find(email: newcomer.email, db) == nil else { throw taken }
            let ids = try newcomer.insert(credit: settings.openingCredit, at: now, db)
            let version = try PlanVersions.offered(newcomer.plan, .month, to: ids.account, at: now, db)
            try Subscriptions.begin(ids.account, version, by: caller, at: now, db)
            try StripeCustomers.linkLater(ids.account, at: now, db)
            try VerificationMail.queue(
                token,
                to: newcomer.email.value,
                name: newcomer.name,
                personID: ids.person,
                at: now,
                settings,
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
            return SignedUp(
                message: "Account created. Please check your mail to verify your address.",
                userId: "\(ids.person)",
                partnerId: "\(ids.account)"
            )
        }
    }
}

/// What was typed where a mail address belongs, perhaps nothing: forms send blank fields as empty strings.
struct TypedEmail: Codable, Sendable, Documented {
    let text: String

    static var schema: Schema { .string(min: 0, max: 254, pattern: nil, format: "email") }
    static var sample: TypedEmail { TypedEmail(text: "") }

    private init(text: String) {
        self.text = text
    }

    init(from decoder: any Decoder) throws {
        text = try Text<0, 254>(from: decoder).value
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
