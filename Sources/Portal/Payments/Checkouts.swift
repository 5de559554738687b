import Storage
import Web

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

    /// What a page brings about once the provider says that it is paid.
    /// - Returns: false for a session that is not paid, or not ours.
    static func paid(_ session: JSONValue, at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        guard let id = session["id"]?.string, session["mode"]?.string == "payment",
            session["payment_status"]?.string == "paid", let told = session["amount_total"]?.integer, told > 0,
            let currency = session["currency"]?.string.flatMap({ Currency($0) }),
            let accountID = try account(of: session, id, db), try Accounts.currency(of: accountID, db) == currency
        else { return false }
        try Payments.receive(
            Cents(try Money(providerAmount: told, currency).minor),
            currency,
            from: accountID,
            providerID: session["payment_intent"]?.string ?? id,
            at: now,
            db
        )
        try setPaid(id, at: now, db)
        return true
    }

    /// The account that opened the page, or, where we failed to note that down, the one whose customer paid.
    private static func account(of session: JSONValue, _ id: String, _ db: borrowing Database) throws -> Int64? {
        if let accountID = try account(of: id, db) { return accountID }
        guard let customer = session["customer"]?.string else { return nil }
        return try Accounts.find(stripeCustomer: customer, db)
    }

    /// Pages that nobody has paid since before `moment`, the newest of many.
    static func open(
        before moment: Timestamp,
        _ db: borrowing Database
    ) throws -> [(sessionID: String, accountID: Int64)] {
        try db.all(
            """
            SELECT session_id, account_id FROM checkout WHERE status = 'open' AND created_at < ?
            ORDER BY created_at DESC LIMIT 500
            """,
            moment.milliseconds
        ) { row in (row[0], row[1]) }
    }
}
