import Web

/// `GET /api/v1/balance`: how the account stands.
struct ShowBalance: Endpoint {
    struct Answer: JSONOutput {
        /// Invoiced and not yet invoiced; positive is owed.
        let owed: Amount
        let credit: Amount
        /// Used, and on no invoice yet.
        let unbilled: Amount
        /// Asked for by invoices.
        let receivable: Amount
        let currency: String
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        return try app.store.read { db in
            let currency = try Accounts.currency(of: accountID, db)
            return Answer(
                owed: Amount(try Ledger.owed(by: accountID, db), currency),
                credit: Amount(try Ledger.credit(of: accountID, db), currency),
                unbilled: Amount(try Ledger.balance(.unbilled, of: accountID, db), currency),
                receivable: Amount(try Ledger.balance(.receivable, of: accountID, db), currency),
                currency: currency.code
            )
        }
    }
}
