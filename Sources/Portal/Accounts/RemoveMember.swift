import Web

/// `DELETE /api/v1/members/{id}`: ends a membership, and at once the person's sessions in the account.
///
/// API keys belong to the account and go on working, for programs run on them; `revoke_keys=true` revokes those that
/// the person made, in the same transaction.
struct RemoveMember: Endpoint {
    struct Input: Codable, Sendable {
        let id: Int64
        let revokeKeys: Bool?

        enum CodingKeys: String, CodingKey {
            case id
            case revokeKeys = "revoke_keys"
        }
    }

    struct Answer: JSONOutput {
        let removed: Bool
        /// Keys that the person made: revoked now, and still working.
        let keysRevoked: Int
        let keysActive: Int

        enum CodingKeys: String, CodingKey {
            case removed
            case keysRevoked = "keys_revoked"
            case keysActive = "keys_active"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let holder = try caller.requireHolder()
        guard input.id != holder.userID else {
            throw Failure.badRequest("To leave the account yourself, POST to /api/v1/members/leave", code: "use_leave")
        }
        let now = app.now()
        return try await app.store.write { db in
            guard let role = try Members.role(of: input.id, in: holder.accountID, db) else {
                throw Failure.notFound("There is no such member")
            }
            try Members.require(caller, toHandle: role, db: db)
            try Members.delete(input.id, from: holder.accountID, db)
            var revoked = 0
            if input.revokeKeys == true {
                for id in try APIKeys.unrevoked(ofPerson: input.id, inAccount: holder.accountID, db) {
                    try RevokeKey.revoke(id, by: caller, at: now, db)
                    revoked += 1
                }
            }
            try Audit.record(
                .memberRemoved,
                by: caller,
                account: holder.accountID,
                target: "person:\(input.id)",
                detail: [.init("role", .string(role.rawValue)), .init("keys_revoked", .integer(Int64(revoked)))],
                at: now,
                db
            )
            let active = try APIKeys.countWorking(ofPerson: input.id, inAccount: holder.accountID, at: now, db)
            return Answer(removed: true, keysRevoked: revoked, keysActive: active)
        }
    }
}
