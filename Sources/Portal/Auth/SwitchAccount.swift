import Web

/// `POST /api/v1/me/account`: goes on in another of the person's accounts, under a new token.
struct SwitchAccount: Endpoint {
    struct Input: Codable, Sendable {
        let accountID: Whole<1, 2_147_483_647>

        enum CodingKeys: String, CodingKey {
            case accountID = "account_id"
        }
    }

    struct Switched: Codable, Sendable {
        let accountID: Int64
        let role: Role

        enum CodingKeys: String, CodingKey {
            case role
            case accountID = "account_id"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> SignedIn<Switched> {
        let (holder, id) = try caller.requireSession()
        let (accountID, now) = (input.accountID.value, app.now())
        let renewal = try SessionRenewal(app)
        let role = try await app.store.write { db in
            guard let role = try Members.role(of: holder.userID, in: accountID, db) else {
                throw Failure.notFound("Account not found")
            }
            try Sessions.setAccount(accountID, of: id, db)
            try renewal.apply(to: id, db)
            try Audit.record(
                .accountSwitched,
                by: caller,
                account: accountID,
                target: "session:\(id)",
                at: now,
                db
            )
            return role
        }
        return SignedIn(body: Switched(accountID: accountID, role: role), cookie: renewal.cookie(for: caller, app))
    }
}
