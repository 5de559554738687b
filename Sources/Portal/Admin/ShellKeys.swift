import Web

/// `purser key list ACCOUNT`: its keys, revoked ones too, the newest first, 500 at most.
struct ListAccountKeys: Endpoint {
    struct Answer: JSONOutput {
        let keys: [KeyView]
    }

    static func handle(_ input: AccountByName, by caller: Caller, in app: App) async throws -> Answer {
        let now = app.now()
        return try app.store.read { db in
            let accountID = try Accounts.require(input.account.value, db)
            let records = try APIKeys.list(of: accountID, before: .max, limit: 500, db)
            return Answer(
                keys: try records.map { record in
                    KeyView(record, monthlyUsage: try app.monthlyCalls(of: record, at: now, db), at: now)
                }
            )
        }
    }
}

/// `purser key show ID`.
struct ShowAnyKey: Endpoint {
    struct Input: Codable, Sendable {
        let keyID: Int64

        enum CodingKeys: String, CodingKey {
            case keyID = "key_id"
        }
    }

    struct Answer: JSONOutput {
        let account: Int64
        let key: KeyView
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let now = app.now()
        return try app.store.read { db in
            guard let accountID = try APIKeys.account(of: input.keyID, db) else {
                throw Failure.notFound("There is no key \(input.keyID)")
            }
            let record = try APIKeys.require(KeyID(input.keyID), of: accountID, db)
            let usage = try app.monthlyCalls(of: record, at: now, db)
            return Answer(account: accountID, key: KeyView(record, monthlyUsage: usage, at: now))
        }
    }
}

/// `purser key create ACCOUNT`: a key in the name of the account's first owner. It is in this answer and nowhere else.
struct CreateKeyByShell: Endpoint {
    struct Input: Codable, Sendable {
        let account: Text<1, 254>
        let label: KeyLabel
        /// Absent: everything.
        let scopes: [Scope]?
        let isTest: Bool?
        /// Days until it expires; absent: never.
        let days: Whole<1, 36_500>?

        enum CodingKeys: String, CodingKey {
            case account, label, scopes, days
            case isTest = "is_test"
        }
    }

    struct Answer: JSONOutput {
        let id: Int64
        let account: Int64
        let apiKey: String

        enum CodingKeys: String, CodingKey {
            case id, account
            case apiKey = "api_key"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let now = app.now()
        var settings = KeySettings(label: input.label.value, isTest: input.isTest ?? false)
        settings.scopes = input.scopes.map { Scopes($0) } ?? .all
        settings.expiresAt = input.days.map { now.adding(days: Int($0.value)) }
        let prefixes = app.settings.keyPrefixes
        let new = try NewKey(prefix: settings.isTest ? prefixes.test : prefixes.live, settings, in: app)
        return try await app.store.write { db in
            let accountID = try Accounts.require(input.account.value, db)
            let owner = try Members.list(of: accountID, db).first { $0.role == .owner }
            guard let owner, let person = try People.find(owner.id, db) else {
                throw Failure.conflict("The account \(accountID) has no owner")
            }
            let id = try new.insert(for: Caller.Holder(person, in: accountID), by: caller, at: now, db)
            return Answer(id: id, account: accountID, apiKey: new.key.text)
        }
    }
}

extension Caller.Holder {
    /// A member for whom a shell command acts.
    fileprivate init(_ person: People.Person, in accountID: Int64) {
        self.init(
            accountID: accountID,
            userID: person.id,
            isOperator: person.isOperator,
            profile: Caller.Profile(
                name: person.name,
                email: person.email,
                stripeCustomerID: nil,
                createdAt: person.createdAt,
                isVerified: person.isVerified
            )
        )
    }
}
