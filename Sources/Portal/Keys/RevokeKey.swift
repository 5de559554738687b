import Web

/// `purser key revoke ID`: the first request after this has been answered is refused.
struct RevokeKey: Endpoint {
    struct Input: Codable, Sendable {
        let keyID: Int64

        enum CodingKeys: String, CodingKey {
            case keyID = "key_id"
        }
    }

    struct Answer: JSONOutput {
        let revoked: Bool
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let now = app.now()
        return try await app.store.write { db in
            let isRevoked = try APIKeys.revoke(input.keyID, at: now, db)
            if isRevoked, let accountID = try APIKeys.account(of: input.keyID, db) {
                let record = try APIKeys.require(KeyID(input.keyID), of: accountID, db)
                try KeyNews(record).tell(.keyRevoked, by: caller, at: now, db)
            }
            return Answer(revoked: isRevoked)
        }
    }
}
