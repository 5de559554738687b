import Web

/// `GET /api/v1/account`: the account that the session is in.
struct ShowAccount: Endpoint {
    struct Answer: JSONOutput {
        let id: Int64
        let name: String
        let plan: String
        let status: String
        /// What unpaid invoices take until they are paid: `restricted` (nothing that costs) or `suspended`; else null.
        let restriction: Nullable<String>
        let currency: String
        let createdAt: Timestamp
        /// The caller's own.
        let role: Nullable<Role>
        /// Whether the caller operates this site.
        let isOperator: Bool

        enum CodingKeys: String, CodingKey {
            case id, name, plan, status, restriction, currency, role
            case isOperator = "is_operator"
            case createdAt = "created_at"
        }
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let holder = try caller.requireHolder()
        guard let account = try app.store.read({ db in try Accounts.find(holder.accountID, db) }) else {
            throw Failure.notFound("Account not found")
        }
        return Answer(account, as: holder)
    }
}

extension ShowAccount.Answer {
    init(_ account: Accounts.Account, as holder: Caller.Holder) {
        self.init(
            id: account.id,
            name: account.name,
            plan: account.plan,
            status: account.status,
            restriction: Nullable(account.restriction),
            currency: account.currency,
            createdAt: account.createdAt,
            role: Nullable(holder.role),
            isOperator: holder.isOperator
        )
    }
}
