import Storage
import Web

/// An account's own entries in the books, as they are answered. ``Ledger`` writes them.
struct LedgerLine: Codable, Sendable {
    let id: Int64
    /// The side of the books that the amount goes to, and the one that it comes from.
    let debit: String
    let credit: String
    let amount: Amount
    let currency: String
    let reason: String
    /// The effect that it posts, such as `grant:7:expired`.
    let reference: Nullable<String>
    let postedAt: Timestamp

    enum CodingKeys: String, CodingKey {
        case id, debit, credit, amount, currency, reason, reference
        case postedAt = "posted_at"
    }

    /// Newest first, those before `id`.
    static func list(
        of accountID: Int64,
        before id: Int64,
        limit: Int64,
        _ db: borrowing Database
    ) throws -> [LedgerLine] {
        try db.all(
            """
            SELECT id, debit, credit, amount, currency, reason, reference, posted_at FROM ledger_entry
            WHERE account_id = ? AND id < ? ORDER BY id DESC LIMIT ?
            """,
            accountID,
            id,
            limit
        ) { row in
            let currency: String = row[4]
            return LedgerLine(
                id: row[0],
                debit: row[1],
                credit: row[2],
                amount: Amount(Cents(row[3]), Currency(currency) ?? .usd),
                currency: currency,
                reason: row[5],
                reference: Nullable(row[6]),
                postedAt: Timestamp(milliseconds: row[7])
            )
        }
    }
}

/// `GET /api/v1/ledger/entries`: the account's own, newest first.
struct ListLedgerEntries: Endpoint {
    struct Answer: JSONOutput {
        let data: [LedgerLine]
        /// Null on the last page.
        let nextCursor: Nullable<Int64>

        enum CodingKeys: String, CodingKey {
            case data
            case nextCursor = "next_cursor"
        }
    }

    static func handle(_ input: ShowCredit.Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let limit = input.limit?.value ?? 50
        let lines = try app.store.read { db in
            try LedgerLine.list(of: accountID, before: input.cursor ?? .max, limit: limit + 1, db)
        }
        let shown = lines.prefix(Int(limit))
        return Answer(data: Array(shown), nextCursor: Nullable(lines.count > shown.count ? shown.last?.id : nil))
    }
}

/// `GET /api/v1/ledger/entries.csv`: all of them, newest first.
struct ExportLedgerEntries: Endpoint {
    /// Entries that are read at once: a few milliseconds' worth.
    private static let pageSize: Int64 = 1000

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> CSVFile {
        let accountID = try caller.requireHolder().accountID
        let store = app.store
        return CSVFile("ledger-\(app.now().day.text).csv") { write in
            try write(
                CSV.line(["id", "posted_at", "debit", "credit", "amount", "currency", "reason", "reference"])
            )
            var before = Int64.max
            while true {
                let last = before
                let lines = try await OwnThread.run(named: "purser-export") {
                    try store.read { db in
                        try LedgerLine.list(of: accountID, before: last, limit: pageSize, db)
                    }
                }
                if !lines.isEmpty { try write(lines.reduce(into: []) { $0 += CSV.line($1.fields) }) }
                guard lines.count == pageSize, let oldest = lines.last else { return }
                before = oldest.id
            }
        }
    }
}

extension LedgerLine {
    /// As ``ExportLedgerEntries`` names them.
    fileprivate var fields: [String] {
        ["\(id)", postedAt.text, debit, credit, amount.text, currency, reason, reference.value ?? ""]
    }
}
