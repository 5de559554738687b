import Web

/// `GET /api/v1/invitations`: those still open, newest first.
struct ListInvitations: Endpoint {
    struct Item: Codable, Sendable {
        let id: Int64
        let email: String
        let role: Role
        let invitedBy: String
        let createdAt: Timestamp
        let expiresAt: Timestamp

        enum CodingKeys: String, CodingKey {
            case id, email, role
            case invitedBy = "invited_by"
            case createdAt = "created_at"
            case expiresAt = "expires_at"
        }
    }

    struct Answer: JSONOutput {
        let invitations: [Item]
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let (accountID, now) = (try caller.requireHolder().accountID, app.now())
        let invitations = try app.store.read { db in try Invitations.list(of: accountID, at: now, db) }
        return Answer(invitations: invitations.map { Item($0) })
    }
}

extension ListInvitations.Item {
    init(_ invitation: Invitations.Invitation) {
        self.init(
            id: invitation.id,
            email: invitation.email,
            role: invitation.role,
            invitedBy: invitation.inviter,
            createdAt: invitation.createdAt,
            expiresAt: invitation.expiresAt
        )
    }
}
