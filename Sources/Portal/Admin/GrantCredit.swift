import Web

/// `purser account credit EMAIL AMOUNT`: credit that costs the account nothing.
struct GrantCredit: Endpoint {
    struct Input: Codable, Sendable {
        let email: Email
        /// Dollars.
        let amount: Dollars
    }

    struct Answer: JSONOutput {
        let account: Int64
        let credit: Dollars
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        guard input.amount.cents > .zero else { throw Failure.invalid("amount", "must be greater than 0") }
        let now = app.now()
        return try await app.store.write { db in
            let accountID = try Accounts.require(owner: input.email, db)
            try Ledger.grant(input.amount.cents, to: accountID, reason: "credit given by the operator", at: now, db)
            return Answer(account: accountID, credit: try Ledger.credit(of: accountID, db).dollars)
        }
    }
}
