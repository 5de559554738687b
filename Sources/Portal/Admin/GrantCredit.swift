import Web

/// `purser account credit ACCOUNT AMOUNT`: credit that costs the account nothing.
struct GrantCredit: Endpoint {
    struct Input: Codable, Sendable {
        let account: Text<1, 254>
        /// Dollars, as typed: over the control socket it arrives as a string.
        let amount: Text<1, 32>
    }

    struct Answer: JSONOutput {
        let account: Int64
        let credit: Dollars
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        guard let amount = Dollars(input.amount.value)?.cents else {
            throw Failure.invalid("amount", "must be an amount in dollars, such as 25.00")
        }
        guard amount > .zero else { throw Failure.invalid("amount", "must be greater than 0") }
        let now = app.now()
        return try await app.store.write { db in
            let accountID = try Accounts.require(input.account.value, db)
            let name = "Credit given by the operator"
            try CreditGrants.give(amount, kind: .promotion, name: name, to: accountID, at: now, db)
            try Audit.record(
                .creditGranted,
                by: caller,
                account: accountID,
                target: "account:\(accountID)",
                detail: [.init("amount", .string(amount.dollars.text))],
                at: now,
                db
            )
            return Answer(account: accountID, credit: try Ledger.credit(of: accountID, db).dollars)
        }
    }
}
