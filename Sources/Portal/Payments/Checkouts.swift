import Storage

/// Payment pages that were opened at the provider. Every statement on `checkout` is in this file.
enum Checkouts {
    static func insert(
        _ sessionID: String,
        accountID: Int64,
        amount: Cents,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            INSERT INTO checkout (session_id, account_id, amount, currency, created_at) VALUES (?, ?, ?, 'usd', ?)
            ON CONFLICT (session_id) DO NOTHING
            """,
            sessionID,
            accountID,
            amount.value,
            now.milliseconds
        )
    }

    static func account(of sessionID: String, _ db: borrowing Database) throws -> Int64? {
        try db.value("SELECT account_id FROM checkout WHERE session_id = ?", sessionID)
    }

    static func setPaid(_ sessionID: String, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE checkout SET status = 'paid', paid_at = ? WHERE session_id = ? AND status <> 'paid'",
            now.milliseconds,
            sessionID
        )
    }

    /// `expired` or `failed`. A paid one stays paid: events come in any order.
    /// - Returns: whether it was open.
    static func setEnded(_ sessionID: String, as status: String, _ db: borrowing Database) throws -> Bool {
        try db.run("UPDATE checkout SET status = ? WHERE session_id = ? AND status = 'open'", status, sessionID) > 0
    }
}
