import Storage

/// The ledger's entries over all accounts.
enum LedgerReport {
    struct Entry: Sendable {
        let id: Int64
        let account: AccountReport.Name
        let debit: String
        let credit: String
        let amount: Cents
        let currency: Currency
        let reason: String
        let reference: String?
        let postedAt: Timestamp
    }

    /// Newest first.
    static func list(_ filter: ReportFilter, _ db: borrowing Database) throws -> [Entry] {
        try db.all(
            """
            SELECT e.id, e.account_id, a.name, e.debit, e.credit, e.amount, e.currency, e.reason, e.reference,
                e.posted_at
            FROM ledger_entry e JOIN account a ON a.id = e.account_id
            WHERE e.id < ? AND (? = 0 OR e.account_id = ?) AND (? = '' OR e.currency = ?)
                AND e.posted_at >= ? AND e.posted_at < ?
            ORDER BY e.id DESC LIMIT ?
            """,
            filter.before,
            filter.account,
            filter.account,
            filter.currency,
            filter.currency,
            filter.span.lowerBound.milliseconds,
            filter.span.upperBound.milliseconds,
            filter.limit
        ) { row in
            Entry(
                id: row[0],
                account: AccountReport.Name(id: row[1], name: row[2]),
                debit: row[3],
                credit: row[4],
                amount: Cents(row[5]),
                currency: Currency(row[6] as String) ?? .usd,
                reason: row[7],
                reference: row[8],
                postedAt: Timestamp(milliseconds: row[9])
            )
        }
    }
}
