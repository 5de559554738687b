import Storage
import Web

/// An account as a sysadmin sees it.
struct AccountSummary: Codable, Sendable {
    let id: Int64
    let name: String
    let plan: String
    let status: String
    let createdAt: Timestamp

    enum CodingKeys: String, CodingKey {
        case id, name, plan, status
        case createdAt = "created_at"
    }

    init(_ account: Accounts.Account) {
        (id, name, plan) = (account.id, account.name, account.plan)
        (status, createdAt) = (account.status, account.createdAt)
    }
}

/// The account that a shell command names: an id, or the mail address of a member.
struct AccountByName: Codable, Sendable {
    let account: Text<1, 254>
}

/// `purser account list`: accounts by id.
struct ListAllAccounts: Endpoint {
    struct Input: Codable, Sendable {
        /// The last id of the page before.
        let after: Int64?
        let limit: Whole<1, 1000>?
    }

    struct Answer: JSONOutput {
        let accounts: [AccountSummary]
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        try app.store.read { db in
            let accounts = try Accounts.list(after: input.after ?? 0, limit: input.limit?.value ?? 100, db)
            return Answer(accounts: accounts.map { AccountSummary($0) })
        }
    }
}

/// `purser account show ACCOUNT`, and `members`: an account, its money and who belongs to it.
struct ShowAnyAccount: Endpoint {
    struct Answer: JSONOutput {
        let account: AccountSummary
        let credit: Dollars
        let owed: Dollars
        let members: [ListMembers.Item]
    }

    static func handle(_ input: AccountByName, by caller: Caller, in app: App) async throws -> Answer {
        try app.store.read { db in
            let id = try Accounts.require(input.account.value, db)
            guard let account = try Accounts.find(id, db) else { throw Failure.notFound("There is no account \(id)") }
            return Answer(
                account: AccountSummary(account),
                credit: try Ledger.credit(of: id, db).dollars,
                owed: try Ledger.owed(by: id, db).dollars,
                members: try Members.list(of: id, db).map { ListMembers.Item($0, isSelf: false) }
            )
        }
    }
}
