import Web

/// `purser key list ACCOUNT`: its keys, revoked ones too, the newest first.
struct ListAccountKeys: Endpoint {
    struct Answer: JSONOutput {
        let keys: [APIKeys.Listed]
    }

    static func handle(_ input: AccountByName, by caller: Caller, in app: App) async throws -> Answer {
        try app.store.read { db in
            Answer(keys: try APIKeys.listed(ofAccount: try Accounts.require(input.account.value, db), db))
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
        let key: APIKeys.Listed
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        guard let key = try app.store.read({ db in try APIKeys.listed(input.keyID, db) }) else {
            throw Failure.notFound("There is no key \(input.keyID)")
        }
        return Answer(key: key)
    }
}

/// `purser key create ACCOUNT`: a key in the name of the account's first owner. It is in this answer and nowhere else.
struct CreateKeyByShell: Endpoint {
    struct Input: Codable, Sendable {
        let account: Text<1, 254>
        let label: Text<1, 120>
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
        let key = try APIKey.generate(prefix: app.settings.keyPrefix)
        let digest = app.keyDigests.digest(of: key.text)
        let now = app.now()
        return try await app.store.write { db in
            let account = try Accounts.require(input.account.value, db)
            guard let owner = try Members.list(of: account, db).first(where: { $0.role == .owner }) else {
                throw Failure.conflict("The account \(account) has no owner")
            }
            let id = try APIKeys.insert(
                key,
                digest: digest,
                label: input.label.value,
                accountID: account,
                personID: owner.id,
                at: now,
                db
            )
            try Audit.record(
                .keyCreated,
                by: caller,
                account: account,
                target: "key:\(id)",
                detail: [.init("label", .string(input.label.value))],
                at: now,
                db
            )
            return Answer(id: id, account: account, apiKey: key.text)
        }
    }
}
