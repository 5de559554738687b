import Storage

/// Charges without the customer being there, each written down before the provider is asked. Every statement on
/// `charge_attempt` is in this file.
enum ChargeAttempts {
    struct Attempt: Sendable {
        let id: Int64
        let accountID: Int64
        /// Nil: a top-up.
        let invoiceID: Int64?
        let amount: Money
        let paymentMethod: String
        /// Sent with every try, and kept by the provider with the charge.
        let key: String
        let status: Status
        let providerID: String?
        let createdAt: Timestamp
    }

    enum Status: String, Sendable {
        /// What came of it is not known yet.
        case asked
        case succeeded, failed
        /// The bank wants its customer to confirm it.
        case needsAction = "needs_action"
        /// It never reached the provider.
        case canceled
    }

    /// - Returns: nil where another one for the same is under way.
    static func insert(
        _ amount: Money,
        accountID: Int64,
        invoiceID: Int64?,
        paymentMethod: String,
        key: String,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Attempt? {
        let isNew = try db.run(
            """
            INSERT INTO charge_attempt
                (account_id, invoice_id, amount, currency, payment_method, idempotency_key, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """,
            accountID,
            invoiceID,
            amount.minor,
            amount.currency.code,
            paymentMethod,
            key,
            now.milliseconds
        )
        return isNew > 0 ? try find(key: key, db) : nil
    }

    static func find(key: String, _ db: borrowing Database) throws -> Attempt? {
        try db.first(
            """
            SELECT id, account_id, invoice_id, amount, currency, payment_method, idempotency_key, status, provider_id,
                created_at
            FROM charge_attempt WHERE idempotency_key = ?
            """,
            key,
            as: attempt
        )
    }

    /// The one whose outcome is not known yet; of an invoice, or of a top-up.
    static func underWay(_ accountID: Int64, invoiceID: Int64?, _ db: borrowing Database) throws -> Attempt? {
        try db.first(
            """
            SELECT id, account_id, invoice_id, amount, currency, payment_method, idempotency_key, status, provider_id,
                created_at
            FROM charge_attempt
            WHERE account_id = ? AND coalesce(invoice_id, 0) = coalesce(?, 0) AND status = 'asked'
            """,
            accountID,
            invoiceID,
            as: attempt
        )
    }

    /// Of whatever invoice, or of none.
    static func isAnyUnderWay(of accountID: Int64, _ db: borrowing Database) throws -> Bool {
        try db.value(
            "SELECT id FROM charge_attempt WHERE account_id = ? AND status = 'asked' LIMIT 1",
            accountID
        ) as Int64? != nil
    }

    private static func attempt(_ row: borrowing Row) throws -> Attempt {
        Attempt(
            id: row[0],
            accountID: row[1],
            invoiceID: row[2],
            amount: Money(row[3], Currency(row[4] as String) ?? .usd),
            paymentMethod: row[5],
            key: row[6],
            status: try row.raw(7),
            providerID: row[8],
            createdAt: Timestamp(milliseconds: row[9])
        )
    }

    /// For a charge that takes the provider days.
    static func note(_ providerID: String, of id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE charge_attempt SET provider_id = ? WHERE id = ?", providerID, id)
    }

    /// Writes down what came of it. That it succeeded outdoes whatever was thought before.
    /// - Returns: false for what was known.
    static func end(
        _ id: Int64,
        as status: Status,
        providerID: String?,
        error: String? = nil,
        code: String? = nil,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Bool {
        try db.run(
            """
            UPDATE charge_attempt SET status = ?, provider_id = coalesce(?, provider_id), error = ?, error_code = ?,
                ended_at = ?
            WHERE id = ? AND (status = 'asked' OR ? = 'succeeded' AND status <> 'succeeded')
            """,
            status.rawValue,
            providerID,
            error,
            code,
            now.milliseconds,
            id,
            status.rawValue
        ) > 0
    }

    /// - Returns: a sentence for each charge that succeeded and was booked nowhere.
    static func check(_ db: borrowing Database) throws -> [String] {
        try db.all(
            """
            SELECT c.id FROM charge_attempt c LEFT JOIN payment p ON p.provider_id = c.provider_id
            WHERE c.status = 'succeeded' AND p.id IS NULL
            """
        ) { row in "charge \(row[0] as Int64) succeeded, and no payment says so" }
    }
}
