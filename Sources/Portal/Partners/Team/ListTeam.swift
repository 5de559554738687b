import Storage
import Web

/// `GET /api/partner/team`: the members in the order in which they joined, and for who may manage them the invitations
/// that are open.
struct ListTeam: Endpoint {
    struct Answer: JSONOutput {
        let members: [TeamMember]
        let invitations: [TeamInvitation]
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let (holder, now) = (try caller.requireHolder(), app.now())
        let mayManage = holder.role?.may(.manage) == true
        return try app.store.read { db in
            let invitations = mayManage ? try Invitations.list(of: holder.accountID, at: now, db) : []
            return Answer(
                members: try Members.list(of: holder.accountID, db).map { TeamMember($0, for: holder) },
                invitations: invitations.map { TeamInvitation($0) }
            )
        }
    }
}

struct TeamMember: Codable, Sendable {
    /// The person's.
    let id: String
    let name: String
    let email: String
    let role: PartnerRole
    /// `ACTIVE`; invitations are `PENDING`.
    let status: String
    let joinedAt: PreciseTime
    /// Whether this is the one who asks.
    let isSelf: Bool

    init(_ member: Members.Member, for holder: Caller.Holder) {
        (id, name, email) = ("\(member.id)", member.name, member.email)
        (role, status, joinedAt) = (PartnerRole(member.role), "ACTIVE", PreciseTime(member.joinedAt))
        isSelf = member.id == holder.userID
    }
}

struct TeamInvitation: Codable, Sendable {
    static let prefix = "inv_"

    /// As `inv_12`, which tells it from a member's.
    let id: String
    let email: String
    let role: PartnerRole
    let status: String
    let invitedBy: String
    let createdAt: PreciseTime
    let expiresAt: PreciseTime

    init(_ invitation: Invitations.Invitation) {
        (id, email) = ("\(Self.prefix)\(invitation.id)", invitation.email)
        (role, status, invitedBy) = (PartnerRole(invitation.role), "PENDING", invitation.inviter)
        (createdAt, expiresAt) = (PreciseTime(invitation.createdAt), PreciseTime(invitation.expiresAt))
    }
}
