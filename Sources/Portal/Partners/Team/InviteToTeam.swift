import Web

/// `POST /api/partner/team/invite`: ``InviteMember``; whose role is not given becomes a `MEMBER`.
struct InviteToTeam: Endpoint {
    struct Input: Codable, Sendable {
        let email: Email
        let role: PartnerRole?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<TeamInvitation> {
        let role = (input.role ?? .member).role
        return try await InviteMember.invite(input.email, as: role, by: caller, in: app) { Created(TeamInvitation($0)) }
    }
}

/// `POST /api/partner/team/accept`: ``AcceptInvitationSignedIn``. Newcomers accept by the link of the mail itself.
struct JoinTeam: Endpoint {
    struct Input: Codable, Sendable {
        let token: Text<1, 128>
    }

    struct Joined: Codable, Sendable {
        let success: Bool
        let partnerId: String
        let name: String
        let role: PartnerRole
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> SignedIn<Joined> {
        let wanted = AcceptInvitationSignedIn.Input(token: input.token)
        let accepted = try await AcceptInvitationSignedIn.handle(wanted, by: caller, in: app)
        let joined = Joined(
            success: true,
            partnerId: "\(accepted.body.account)",
            name: accepted.body.name,
            role: PartnerRole(accepted.body.role)
        )
        return SignedIn(body: joined, cookie: accepted.cookie)
    }
}

/// `DELETE /api/partner/team/{id}`: ``RemoveMember``, or ``CancelInvitation`` where the id is an invitation's.
struct RemoveFromTeam: Endpoint {
    struct Input: Codable, Sendable {
        let id: Text<1, 64>
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Success {
        let id = input.id.value
        if id.hasPrefix(TeamInvitation.prefix), let number = Int64(id.dropFirst(TeamInvitation.prefix.count)) {
            _ = try await CancelInvitation.handle(.init(id: number), by: caller, in: app)
        } else if let number = Int64(id) {
            _ = try await RemoveMember.handle(.init(id: number, revokeKeys: nil), by: caller, in: app)
        } else {
            throw Failure.notFound("Team member not found")
        }
        return Success()
    }
}
