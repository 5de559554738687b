import Web

/// `GET /api/v1/me/accounts`: the accounts that the person belongs to, and as what.
struct ListAccounts: Endpoint {
    struct Item: Codable, Sendable {
        let id: Int64
        let name: String
        let role: Role
        let plan: String
        let status: String
        /// Whether the session is in this one.
        let isCurrent: Bool

        enum CodingKeys: String, CodingKey {
            case id, name, role, plan, status
            case isCurrent = "is_current"
        }
    }

    struct Answer: JSONOutput {
        let accounts: [Item]
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let holder = try caller.requireHolder()
        let accounts = try app.store.read { db in try Members.accounts(of: holder.userID, db) }
        return Answer(
            accounts: accounts.map {
                Item(
                    id: $0.accountID,
                    name: $0.name,
                    role: $0.role,
                    plan: $0.plan,
                    status: $0.status,
                    isCurrent: $0.accountID == holder.accountID
                )
            }
        )
    }
}
