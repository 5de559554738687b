import Web

/// `GET /dashboard/invoices`: what the account owes, and its invoices, newest first.
struct ListInvoices: Mocked {
    struct Answer: JSONOutput {
        struct Item: Codable, Sendable {
            let id: String
            let date: String
            let description: String
            let amount: Amount
            let status: Status
        }

        /// Positive is owed: everything used and not yet paid.
        let currentBalance: Amount
        let invoices: [Item]

        enum CodingKeys: String, CodingKey {
            case currentBalance = "current_balance"
            case invoices
        }
    }

    enum Status: String, Codable, CaseIterable, Documented {
        case paid, pending, overdue

        static var sample: Status { .paid }

        /// The contract's mapping of states, with `past due` told by the date.
        init(_ invoice: Invoices.Invoice, at now: Timestamp) {
            switch invoice.status {
            case .paid: self = .paid
            case .uncollectible: self = .overdue
            case .open where invoice.dueAt < now: self = .overdue
            default: self = .pending
            }
        }
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        try list(try caller.requireHolder().accountID, in: app)
    }

    static func list(_ accountID: Int64, in app: App) throws -> Answer {
        let now = app.now()
        return try app.store.read { db in
            Answer(
                currentBalance: Amount(try Ledger.owed(by: accountID, db), try Accounts.currency(of: accountID, db)),
                invoices: try Invoices.list(of: accountID, db).map { invoice in
                    Answer.Item(
                        id: invoice.number ?? "draft-\(invoice.id)",
                        date: invoice.issuedAt.day.text,
                        description: invoice.description,
                        amount: Amount(invoice.total, invoice.currency),
                        status: Status(invoice, at: now)
                    )
                }
            )
        }
    }

    static func mock(_ input: Empty, by caller: Caller, at now: Timestamp) -> Answer {
        let invoice = Answer.Item(
            id: "inv_001",
            date: now.day.text,
            description: "Quantum computing usage",
            amount: Amount(Cents(35_000), .usd),
            status: .pending
        )
        return Answer(currentBalance: Amount(Cents(35_000), .usd), invoices: [invoice])
    }
}
