import Storage

/// Invoices and credit notes over all accounts.
enum InvoiceReport {
    /// What is still to be paid, by how many days ago it was due, in minor units.
    struct Ages: Sendable {
        var notDue: Int64 = 0
        var days0: Int64 = 0
        var days30: Int64 = 0
        var days60: Int64 = 0
        var days90: Int64 = 0

        var total: Int64 {
            get throws { try notDue.plus(days0).plus(days30).plus(days60).plus(days90) }
        }
    }

    /// Without test accounts.
    static func outstanding(at now: Timestamp, _ db: borrowing Database) throws -> [Currency: Ages] {
        var found: [Currency: Ages] = [:]
        try db.each(
            """
            SELECT currency, age, sum(owed) FROM (
                SELECT i.currency AS currency, i.total - i.paid - i.credited - i.written_off AS owed,
                    CASE WHEN i.due_at > ? THEN -1 WHEN i.due_at > ? THEN 0 WHEN i.due_at > ? THEN 30
                        WHEN i.due_at > ? THEN 60 ELSE 90 END AS age
                FROM invoice i JOIN account a ON a.id = i.account_id
                WHERE i.kind = 'invoice' AND i.status IN ('open', 'uncollectible') AND a.test_clock_at IS NULL
            ) AS o GROUP BY currency, age
            """,
            now.milliseconds,
            now.adding(days: -30).milliseconds,
            now.adding(days: -60).milliseconds,
            now.adding(days: -90).milliseconds
        ) { row in
            guard let currency = Currency(row[0] as String) else { return true }
            let owed: Int64 = row[2]
            switch row[1] as Int64 {
            case -1: found[currency, default: Ages()].notDue = owed
            case 0: found[currency, default: Ages()].days0 = owed
            case 30: found[currency, default: Ages()].days30 = owed
            case 60: found[currency, default: Ages()].days60 = owed
            default: found[currency, default: Ages()].days90 = owed
            }
            return true
        }
        return found
    }

    struct Item: Sendable {
        let id: Int64
        let number: String?
        let account: AccountReport.Name
        let status: String
        let reason: String
        let description: String
        let currency: Currency
        let subtotal: Cents
        let discount: Cents
        let tax: Cents
        let total: Cents
        let paid: Cents
        let credited: Cents
        let writtenOff: Cents
        let issuedAt: Timestamp
        let dueAt: Timestamp
        let paidAt: Timestamp?
        /// Of a credit note: the number of the invoice that it takes from.
        let corrects: String?

        var owed: Cents {
            status == "open" || status == "uncollectible" ? total - paid - credited - writtenOff : .zero
        }
    }

    /// Newest first.
    /// - Parameter kind: `invoice` or `credit_note`.
    static func list(
        _ kind: String,
        _ query: ReportFilter,
        status: String,
        _ db: borrowing Database
    ) throws -> [Item] {
        try db.all(
            """
            SELECT i.id, i.number, i.account_id, a.name, i.status, i.reason, i.description, i.currency, i.subtotal,
                i.discount, i.tax, i.total, i.paid, i.credited, i.written_off, i.issued_at, i.due_at, i.paid_at,
                c.number
            FROM invoice i JOIN account a ON a.id = i.account_id LEFT JOIN invoice c ON c.id = i.corrects_id
            WHERE i.kind = ? AND i.id < ? AND (? = 0 OR i.account_id = ?) AND (? = '' OR i.status = ?)
                AND (? = '' OR i.currency = ?) AND i.issued_at >= ? AND i.issued_at < ?
            ORDER BY i.id DESC LIMIT ?
            """,
            kind,
            query.before,
            query.account,
            query.account,
            status,
            status,
            query.currency,
            query.currency,
            query.span.lowerBound.milliseconds,
            query.span.upperBound.milliseconds,
            query.limit,
            as: item
        )
    }

    private static func item(_ row: borrowing Row) -> Item {
        Item(
            id: row[0],
            number: row[1],
            account: AccountReport.Name(id: row[2], name: row[3]),
            status: row[4],
            reason: row[5],
            description: row[6],
            currency: Currency(row[7] as String) ?? .usd,
            subtotal: Cents(row[8]),
            discount: Cents(row[9]),
            tax: Cents(row[10]),
            total: Cents(row[11]),
            paid: Cents(row[12]),
            credited: Cents(row[13]),
            writtenOff: Cents(row[14]),
            issuedAt: Timestamp(milliseconds: row[15]),
            dueAt: Timestamp(milliseconds: row[16]),
            paidAt: (row[17] as Int64?).map { Timestamp(milliseconds: $0) },
            corrects: row[18]
        )
    }
}
