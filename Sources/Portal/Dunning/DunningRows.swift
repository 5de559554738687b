import Storage

/// Unpaid invoices on their way through the operator's schedule. Every statement on `dunning` is in this file.
enum DunningRows {
    enum Restriction: String, Sendable, Comparable {
        case restricted, suspended

        static func < (left: Restriction, right: Restriction) -> Bool { left == .restricted && right == .suspended }
    }

    struct Row: Sendable {
        let invoiceID: Int64
        let accountID: Int64
        /// How many steps were taken.
        let step: Int
        let nextStepAt: Timestamp?
        let beganAt: Timestamp
        let restriction: Restriction?
        let toldOverdue: Bool
    }

    /// Begins; one that had ended begins anew, since its invoice is owed again.
    static func begin(
        _ invoiceID: Int64,
        _ accountID: Int64,
        since begun: Timestamp,
        next: Timestamp?,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            INSERT INTO dunning (invoice_id, account_id, next_step_at, began_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (invoice_id) DO UPDATE SET step = 0, next_step_at = excluded.next_step_at,
                began_at = excluded.began_at, ended_at = NULL WHERE dunning.ended_at IS NOT NULL
            """,
            invoiceID,
            accountID,
            next?.milliseconds,
            begun.milliseconds
        )
    }

    /// Nil for one that has ended.
    static func find(_ invoiceID: Int64, _ db: borrowing Database) throws -> Row? {
        try db.first(
            """
            SELECT invoice_id, account_id, step, next_step_at, began_at, restriction, told_overdue FROM dunning
            WHERE invoice_id = ? AND ended_at IS NULL
            """,
            invoiceID,
            as: row
        )
    }

    static func list(of accountID: Int64, _ db: borrowing Database) throws -> [Row] {
        try db.all(
            """
            SELECT invoice_id, account_id, step, next_step_at, began_at, restriction, told_overdue FROM dunning
            WHERE account_id = ? AND ended_at IS NULL ORDER BY invoice_id
            """,
            accountID,
            as: row
        )
    }

    private static func row(_ row: borrowing Storage.Row) throws -> Row {
        Row(
            invoiceID: row[0],
            accountID: row[1],
            step: row[2],
            nextStepAt: (row[3] as Int64?).map { Timestamp(milliseconds: $0) },
            beganAt: Timestamp(milliseconds: row[4]),
            restriction: (row[5] as String?).flatMap { Restriction(rawValue: $0) },
            toldOverdue: row[6]
        )
    }

    /// Invoices whose next step is due, of accounts that live in the house's time.
    static func due(at now: Timestamp, limit: Int, _ db: borrowing Database) throws -> [Int64] {
        try db.all(
            """
            SELECT d.invoice_id FROM dunning d JOIN account a ON a.id = d.account_id
            WHERE d.ended_at IS NULL AND d.next_step_at <= ? AND a.test_clock_at IS NULL
            ORDER BY d.next_step_at LIMIT ?
            """,
            now.milliseconds,
            limit
        ) { row in row[0] }
    }

    /// The same of one account, in its own time.
    static func due(of accountID: Int64, at time: Timestamp, _ db: borrowing Database) throws -> [Int64] {
        try db.all(
            """
            SELECT invoice_id FROM dunning WHERE account_id = ? AND ended_at IS NULL AND next_step_at <= ?
            ORDER BY next_step_at, invoice_id
            """,
            accountID,
            time.milliseconds
        ) { row in row[0] }
    }

    /// When an account's next step is due.
    static func next(of accountID: Int64, _ db: borrowing Database) throws -> Timestamp? {
        let next: Int64? = try db.value(
            "SELECT min(next_step_at) FROM dunning WHERE account_id = ? AND ended_at IS NULL",
            accountID
        )
        return next.map { Timestamp(milliseconds: $0) }
    }

    /// When the next step is due of all accounts in the house's time.
    static func first(_ db: borrowing Database) throws -> Timestamp? {
        let next: Int64? = try db.value(
            """
            SELECT min(d.next_step_at) FROM dunning d JOIN account a ON a.id = d.account_id
            WHERE d.ended_at IS NULL AND a.test_clock_at IS NULL
            """
        )
        return next.map { Timestamp(milliseconds: $0) }
    }

    /// Accounts with a clock of their own by which a step is due.
    static func dueOnTestClocks(_ db: borrowing Database) throws -> [Int64] {
        try db.all(
            """
            SELECT DISTINCT d.account_id FROM dunning d JOIN account a ON a.id = d.account_id
            WHERE d.ended_at IS NULL AND d.next_step_at <= a.test_clock_at
            """
        ) { row in row[0] }
    }

    static func setStep(_ step: Int, next: Timestamp?, of invoiceID: Int64, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE dunning SET step = ?, next_step_at = ? WHERE invoice_id = ?",
            step,
            next?.milliseconds,
            invoiceID
        )
    }

    static func setToldOverdue(_ invoiceID: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE dunning SET told_overdue = 1 WHERE invoice_id = ?", invoiceID)
    }

    static func setRestriction(_ restriction: Restriction, of invoiceID: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE dunning SET restriction = ? WHERE invoice_id = ?", restriction.rawValue, invoiceID)
    }

    static func end(_ invoiceID: Int64, at time: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE dunning SET ended_at = ?, next_step_at = NULL, restriction = NULL WHERE invoice_id = ?",
            time.milliseconds,
            invoiceID
        )
    }

    /// The strongest of an account's.
    static func restriction(of accountID: Int64, _ db: borrowing Database) throws -> Restriction? {
        try list(of: accountID, db).compactMap(\.restriction).max()
    }

    /// - Returns: a sentence for each invoice that is pursued without being owed, and each account that is held back
    ///   by nothing, or not by what it should be.
    static func check(_ db: borrowing Database) throws -> [String] {
        let settled: [String] = try db.all(
            """
            SELECT d.invoice_id FROM dunning d JOIN invoice i ON i.id = d.invoice_id
            WHERE d.ended_at IS NULL AND (i.status NOT IN ('open', 'uncollectible') 
                OR i.total <= i.paid + i.credited + i.written_off)
            """
        ) { row in "invoice \(row[0] as Int64) is pursued, and nothing is owed on it" }
        let restricted: [String] = try db.all(
            """
            SELECT a.id FROM account a LEFT JOIN (
                SELECT account_id, max(restriction) AS strongest FROM dunning WHERE ended_at IS NULL GROUP BY account_id
            ) AS d ON d.account_id = a.id
            WHERE coalesce(a.restriction, '') <> coalesce(d.strongest, '')
            """
        ) { row in "the restriction of account \(row[0] as Int64) is not what its unpaid invoices ask for" }
        return settled + restricted
    }
}
