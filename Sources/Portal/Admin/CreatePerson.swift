import Storage
import Web

/// `purser user create EMAIL`: a person with an account of their own, or as a member of one there is.
///
/// Without a password the answer holds a link, to set one within half an hour. So an installation gets its first
/// operator, and there is none by default (ASVS 5.0, 6.3.2).
struct CreatePerson: Endpoint {
    struct Input: Codable, Sendable {
        let email: Email
        let name: Text<1, 120>
        let password: Password?
        let isOperator: Bool?
        /// Of the new account.
        let plan: Text<1, 64>?
        /// The account to join instead of having a new one, and as what.
        let account: Text<1, 254>?
        let role: Role?

        enum CodingKeys: String, CodingKey {
            case email, name, password, plan, account, role
            case isOperator = "is_operator"
        }
    }

    struct Answer: JSONOutput {
        let id: Int64
        let email: String
        let account: Int64
        /// Where the password is set, once; absent when one was given.
        let link: String?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        var hash: String?
        if let password = input.password {
            try PasswordRules.check(password, of: input.email.value, input.name.value)
            hash = try await app.passwords.hash(password.value)
        }
        let passwordHash = hash
        let token = try SingleUseTokens.make(app)
        let now = app.now()
        return try await app.store.write { db in
            let id = try People.insert(
                email: input.email,
                name: input.name.value,
                passwordHash: passwordHash,
                isOperator: input.isOperator ?? false,
                at: now,
                db
            )
            // Whoever may run this command vouches for the address.
            try People.setVerified(id, at: now, db)
            let account = try account(for: id, input, by: caller, at: now, app.settings, db)
            try Audit.record(
                .personCreated,
                by: caller,
                account: account,
                target: "person:\(id)",
                detail: [
                    .init("email", .string(input.email.value)), .init("is_operator", .bool(input.isOperator ?? false)),
                ],
                at: now,
                db
            )
            guard passwordHash == nil, let person = try People.find(id, db) else {
                return Answer(id: id, email: input.email.value, account: account, link: nil)
            }
            try ForgotPassword.store(token, for: person, at: now, db)
            let link = MakeResetLink.link(token, app.settings)
            return Answer(id: id, email: input.email.value, account: account, link: link)
        }
    }

    private static func account(
        for personID: Int64,
        _ input: Input,
        by caller: Caller,
        at now: Timestamp,
        _ settings: Settings,
        _ db: borrowing Database
    ) throws -> Int64 {
        if let name = input.account {
            let account = try Accounts.require(name.value, db)
            try Members.insert(personID, as: input.role ?? .viewer, into: account, at: now, db)
            return account
        }
        return try CreateAccount.insert(
            name: input.name.value,
            plan: input.plan?.value ?? Plans.free,
            ownerID: personID,
            by: caller,
            at: now,
            settings,
            db
        )
    }
}
