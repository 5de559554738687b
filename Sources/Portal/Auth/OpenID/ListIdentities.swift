import Web

/// `GET /api/v1/me/identities`: where else one can sign in as oneself.
struct ListIdentities: Endpoint {
    struct Identity: Codable, Sendable {
        let id: Int64
        /// The provider's name.
        let provider: String
        let issuer: String
        let email: String
        let createdAt: Timestamp

        enum CodingKeys: String, CodingKey {
            case id, provider, issuer, email
            case createdAt = "created_at"
        }
    }

    struct Answer: JSONOutput {
        let identities: [Identity]
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let holder = try caller.requireHolder()
        let identities = try app.store.read { db in try Identities.all(ofPerson: holder.userID, db) }
        return Answer(
            identities: identities.map { identity in
                Identity(
                    id: identity.id,
                    provider: app.openID.name(of: identity.issuer),
                    issuer: identity.issuer,
                    email: identity.email,
                    createdAt: identity.createdAt
                )
            }
        )
    }
}
