import Storage
import Web

/// Invoices. Every statement on `invoice`, `invoice_line` and `invoice_series` is in this file.
enum Invoices {
    static let daysToPay = 14
    static let series = "INV"

    struct Line: Sendable {
        let description: String
        let quantity: Int64
        let amount: Cents
    }

    struct Invoice: Sendable {
        let id: Int64
        let number: String?
        let status: String
        let description: String
        let total: Cents
        let issuedAt: Timestamp
        let dueAt: Timestamp
    }

    /// Newest first, without those that were voided.
    static func list(of accountID: Int64, limit: Int = 100, _ db: borrowing Database) throws -> [Invoice] {
        try db.all(
            """
            SELECT id, number, status, description, total, issued_at, due_at FROM invoice
            WHERE account_id = ? AND status <> 'void' ORDER BY issued_at DESC, id DESC LIMIT ?
            """,
            accountID,
            limit
        ) { row in
            Invoice(
                id: row[0],
                number: row[1],
                status: row[2],
                description: row[3],
                total: Cents(row[4]),
                issuedAt: Timestamp(milliseconds: row[5]),
                dueAt: Timestamp(milliseconds: row[6])
            )
        }
    }

    /// Invoices everything that is unbilled: one line per backend, less what credit and payments covered already.
    /// - Returns: its id; nil when nothing is unbilled.
    @discardableResult
    static func raise(_ accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws -> Int64? {
        let total = try Ledger.balance(.unbilled, of: accountID, db)
        guard total > .zero else { return nil }
        var lines = try usageLines(of: accountID, db)
        let used = lines.reduce(Cents.zero) { $0 + $1.amount }
        if used != total {
            let words = total < used ? "Credit and payments applied" : "Carried over from a voided invoice"
            lines.append(Line(description: words, quantity: 1, amount: total - used))
        }
        let number = try nextNumber(db)
        let id = try insert(
            accountID,
            number: number,
            status: "open",
            description: "Quantum computing usage",
            total: total,
            issuedAt: now,
            dueAt: now.adding(days: daysToPay),
            lines,
            db
        )
        try UsageTotals.markInvoiced(accountID, db)
        let entry = Ledger.Entry(
            accountID: accountID,
            debit: .receivable,
            credit: .unbilled,
            amount: total,
            reason: "invoice",
            reference: "invoice:\(id)",
            postedAt: now
        )
        try Ledger.post(entry, db)
        let told = InvoicePayload(
            invoiceID: id,
            number: number,
            amount: total.dollars,
            currency: "usd",
            issuedAt: now,
            dueAt: now.adding(days: daysToPay)
        )
        try Webhooks.publish(.invoiceCreated, account: accountID, data: told, at: now, db)
        return id
    }

    /// Takes an unpaid invoice back: what it asked for is unbilled again, its number stays used.
    static func void(_ id: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        let found = try db.first(
            "SELECT account_id, total FROM invoice WHERE id = ? AND status IN ('open', 'uncollectible') AND paid = 0",
            id
        ) { row -> (account: Int64, total: Int64) in (row[0], row[1]) }
        guard let found else { throw Failure.conflict("Only an unpaid invoice can be voided") }
        try db.run("UPDATE invoice SET status = 'void' WHERE id = ?", id)
        let entry = Ledger.Entry(
            accountID: found.account,
            debit: .unbilled,
            credit: .receivable,
            amount: Cents(found.total),
            reason: "invoice voided",
            reference: "invoice:\(id):void",
            postedAt: now
        )
        try Ledger.post(entry, db)
    }

    /// Rounds running totals, so that the lines add up to the rounded sum however small each is.
    private static func usageLines(of accountID: Int64, _ db: borrowing Database) throws -> [Line] {
        var lines: [Line] = []
        var running: Int64 = 0
        for open in try UsageTotals.open(of: accountID, db) where open.micros > 0 {
            let before = Dollars(micros: running).cents
            running += open.micros
            lines.append(
                Line(
                    description: "\(open.backend), \(open.meter.rawValue)",
                    quantity: open.quantity,
                    amount: Dollars(micros: running).cents - before
                )
            )
        }
        return lines
    }

    static func insert(
        _ accountID: Int64,
        number: String?,
        status: String,
        description: String,
        total: Cents,
        issuedAt: Timestamp,
        dueAt: Timestamp,
        _ lines: [Line],
        _ db: borrowing Database
    ) throws -> Int64 {
        try db.run(
            """
            INSERT INTO invoice (account_id, number, status, description, currency, subtotal, total, issued_at, due_at)
            VALUES (?, ?, 'draft', ?, 'usd', ?, ?, ?, ?)
            """,
            accountID,
            number,
            description,
            total.value,
            total.value,
            issuedAt.milliseconds,
            dueAt.milliseconds
        )
        let id = db.lastInsertID
        for (position, line) in lines.enumerated() {
            try db.run(
                """
                INSERT INTO invoice_line (invoice_id, position, description, quantity, amount, total)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                id,
                position,
                line.description,
                line.quantity,
                line.amount.value,
                line.amount.value
            )
        }
        try setStatus(status, of: id, db)
        return id
    }

    /// Counted up in the invoice's own transaction, so that the series has no gaps.
    static func nextNumber(_ db: borrowing Database) throws -> String {
        let number: Int64 =
            try db.value(
                """
                INSERT INTO invoice_series (name, next_number) VALUES (?, 2)
                ON CONFLICT (name) DO UPDATE SET next_number = invoice_series.next_number + 1
                RETURNING next_number - 1
                """,
                series
            ) ?? 1
        return self.number(number)
    }

    static func number(_ number: Int64) -> String { "\(series)-\(padded(number, to: 6))" }

    /// Puts a payment against open invoices, oldest first.
    static func settle(_ accountID: Int64, with amount: Cents, at now: Timestamp, _ db: borrowing Database) throws {
        var rest = amount.value
        let open: [(id: Int64, owed: Int64)] = try db.all(
            """
            SELECT id, total - paid FROM invoice
            WHERE account_id = ? AND status IN ('open', 'uncollectible') ORDER BY issued_at, id
            """,
            accountID
        ) { row in (row[0], row[1]) }
        for invoice in open where rest > 0 {
            let part = min(rest, invoice.owed)
            rest -= part
            try db.run(
                """
                UPDATE invoice SET paid = paid + ?, status = CASE WHEN paid + ? >= total THEN 'paid' ELSE status END,
                    paid_at = CASE WHEN paid + ? >= total THEN ? ELSE paid_at END
                WHERE id = ?
                """,
                part,
                part,
                part,
                now.milliseconds,
                invoice.id
            )
        }
    }

    static func count(_ db: borrowing Database) throws -> Int {
        Int(try db.value("SELECT count(*) FROM invoice") ?? 0 as Int64)
    }

    static func setStatus(_ status: String, of id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE invoice SET status = ? WHERE id = ?", status, id)
    }
}
