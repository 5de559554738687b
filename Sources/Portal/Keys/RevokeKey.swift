import Storage
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
            Answer(revoked: try revoke(input.keyID, by: caller, at: now, db))
        }
    }

    /// Revokes a key and tells of it.
    /// - Returns: whether there was such a key that was not revoked before.
    @discardableResult
    static func revoke(
        _ id: Int64,
        by caller: Caller,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Bool {
        guard try APIKeys.revoke(id, at: now, db) else { return false }
        if let accountID = try APIKeys.account(of: id, db) {
            let record = try APIKeys.require(KeyID(id), of: accountID, db)
            try KeyNews(record).tell(.keyRevoked, by: caller, at: now, db)
        }
        return true
    }
}
