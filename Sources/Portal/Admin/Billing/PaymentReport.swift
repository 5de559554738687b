import Storage

/// Money that came in, was asked for in vain, or went back, over all accounts.
enum PaymentReport {
    struct Payment: Sendable {
        let id: Int64
        let providerID: String
        let chargeID: String?
        let account: AccountReport.Name
        let amount: Cents
        let refunded: Cents
        let disputed: Cents
        let currency: Currency
        let description: String
        /// Of the invoice that it was meant for.
        let invoice: String?
        let paidAt: Timestamp
    }

    /// Newest first.
    static func payments(_ filter: ReportFilter, _ db: borrowing Database) throws -> [Payment] {
        try db.all(
            """
            SELECT p.id, p.provider_id, p.charge_id, p.account_id, a.name, p.amount, p.refunded, p.disputed,
                p.currency, p.description, i.number, p.paid_at
            FROM payment p JOIN account a ON a.id = p.account_id LEFT JOIN invoice i ON i.id = p.invoice_id
            WHERE p.id < ? AND (? = 0 OR p.account_id = ?) AND (? = '' OR p.currency = ?)
                AND p.paid_at >= ? AND p.paid_at < ?
            ORDER BY p.id DESC LIMIT ?
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
            Payment(
                id: row[0],
                providerID: row[1],
                chargeID: row[2],
                account: AccountReport.Name(id: row[3], name: row[4]),
                amount: Cents(row[5]),
                refunded: Cents(row[6]),
                disputed: Cents(row[7]),
                currency: Currency(row[8] as String) ?? .usd,
                description: row[9],
                invoice: row[10],
                paidAt: Timestamp(milliseconds: row[11])
            )
        }
    }

    static func count(_ db: borrowing Database) throws -> Int64 {
        try db.value(
            "SELECT (SELECT count(*) FROM payment) + (SELECT count(*) FROM charge_attempt WHERE status = 'failed')"
        ) ?? 0
    }

    struct Failed: Sendable {
        let id: Int64
        let providerID: String?
        let account: AccountReport.Name
        let amount: Cents
        let currency: Currency
        let error: String?
        let createdAt: Timestamp
    }

    /// Charges that brought nothing, newest first.
    static func failed(limit: Int64, _ db: borrowing Database) throws -> [Failed] {
        try db.all(
            """
            SELECT t.id, t.provider_id, t.account_id, a.name, t.amount, t.currency, t.error, t.created_at
            FROM charge_attempt t JOIN account a ON a.id = t.account_id
            WHERE t.status = 'failed' ORDER BY t.id DESC LIMIT ?
            """,
            limit
        ) { row in
            Failed(
                id: row[0],
                providerID: row[1],
                account: AccountReport.Name(id: row[2], name: row[3]),
                amount: Cents(row[4]),
                currency: Currency(row[5] as String) ?? .usd,
                error: row[6],
                createdAt: Timestamp(milliseconds: row[7])
            )
        }
    }

    struct Refund: Sendable {
        let id: Int64
        let providerID: String?
        let payment: String
        let account: AccountReport.Name
        let amount: Cents
        let currency: Currency
        let reason: String
        let status: String
        let error: String?
        let createdAt: Timestamp
    }

    /// Newest first.
    static func refunds(_ filter: ReportFilter, status: String, _ db: borrowing Database) throws -> [Refund] {
        try db.all(
            """
            SELECT r.id, r.provider_id, p.provider_id, p.account_id, a.name, r.amount, r.currency, r.reason, r.status,
                r.error, r.created_at
            FROM refund r JOIN payment p ON p.id = r.payment_id JOIN account a ON a.id = p.account_id
            WHERE r.id < ? AND (? = 0 OR p.account_id = ?) AND (? = '' OR r.status = ?) AND (? = '' OR r.currency = ?)
                AND r.created_at >= ? AND r.created_at < ?
            ORDER BY r.id DESC LIMIT ?
            """,
            filter.before,
            filter.account,
            filter.account,
            status,
            status,
            filter.currency,
            filter.currency,
            filter.span.lowerBound.milliseconds,
            filter.span.upperBound.milliseconds,
            filter.limit
        ) { row in
            Refund(
                id: row[0],
                providerID: row[1],
                payment: row[2],
                account: AccountReport.Name(id: row[3], name: row[4]),
                amount: Cents(row[5]),
                currency: Currency(row[6] as String) ?? .usd,
                reason: row[7],
                status: row[8],
                error: row[9],
                createdAt: Timestamp(milliseconds: row[10])
            )
        }
    }
}
