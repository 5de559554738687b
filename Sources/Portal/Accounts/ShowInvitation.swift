import Web

/// `POST /auth/invitation`: what a link from a mail is an invitation to. The token is in the body, for queries are
/// logged; asking changes nothing.
struct ShowInvitation: Endpoint {
    struct Input: Codable, Sendable {
        let token: Text<1, 128>
    }

    struct Answer: JSONOutput {
        let account: String
        let role: Role
        let inviter: String
        let email: String
        /// Whether the address belongs to a person, who must sign in to accept.
        let isKnown: Bool
        let expiresAt: Timestamp

        enum CodingKeys: String, CodingKey {
            case account, role, inviter, email
            case isKnown = "is_known"
            case expiresAt = "expires_at"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let now = app.now()
        return try app.store.read { db in
            let invitation = try Invitations.require(token: input.token.value, at: now, db)
            let person = try Email(invitation.email).flatMap { try People.find(email: $0, db) }
            return Answer(
                account: invitation.accountName,
                role: invitation.role,
                inviter: invitation.inviter,
                email: invitation.email,
                isKnown: person != nil,
                expiresAt: invitation.expiresAt
            )
        }
    }
}
