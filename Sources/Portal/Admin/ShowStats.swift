import Web

/// `GET /stats`: the whole service in a few figures, for operators.
struct ShowStats: Endpoint {
    struct Answer: JSONOutput {
        let users: Int64
        let accounts: Int64
        let totalShots: Int64
        let totalCost: Dollars
        let outstanding: Dollars
        let version: String

        enum CodingKeys: String, CodingKey {
            case users, accounts, outstanding, version
            case totalShots = "total_shots"
            case totalCost = "total_cost"
        }
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        try app.store.read { db in
            let usage = try UsageRollups.everything(db)
            return Answer(
                users: try People.count(db),
                accounts: try Accounts.count(db),
                totalShots: usage.shots,
                totalCost: usage.cost.cents.dollars,
                outstanding: try Ledger.outstanding(db).dollars,
                version: Purser.version
            )
        }
    }
}
