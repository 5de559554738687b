import Web

/// `GET /api/v1/members`: who belongs to the account, in the order in which they joined.
struct ListMembers: Endpoint {
    struct Item: Codable, Sendable {
        /// The person's.
        let id: Int64
        let name: String
        let email: String
        let role: Role
        let joinedAt: Timestamp
        /// Whether this is the one who asks.
        let isSelf: Bool

        enum CodingKeys: String, CodingKey {
            case id, name, email, role
            case joinedAt = "joined_at"
            case isSelf = "is_self"
        }
    }

    struct Answer: JSONOutput {
        let members: [Item]
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let holder = try caller.requireHolder()
        let members = try app.store.read { db in try Members.list(of: holder.accountID, db) }
        return Answer(members: members.map { Item($0, isSelf: $0.id == holder.userID) })
    }
}

extension ListMembers.Item {
    init(_ member: Members.Member, isSelf: Bool) {
        self.init(
            id: member.id,
            name: member.name,
            email: member.email,
            role: member.role,
            joinedAt: member.joinedAt,
            isSelf: isSelf
        )
    }
}
