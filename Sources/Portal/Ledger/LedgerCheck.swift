import Storage

/// What must hold of the books at any moment; run by `purser check` and after every test that hurts.
enum LedgerCheck {
    /// - Returns: a sentence for each thing that does not hold; none when all is well.
    static func run(_ db: borrowing Database) throws -> [String] {
        try chain(db) + balances(db) + rollups(db) + charges(db) + invoices(db) + numbers(db) + payments(db)
    }

    /// Every entry's hash follows from the entry before it: nothing was changed or taken out.
    private static func chain(_ db: borrowing Database) throws -> [String] {
        var previous = Ledger.genesis
        var findings: [String] = []
        try db.each(
            """
            SELECT account_id, debit, credit, amount, currency, reason, reference, posted_at, hash, id
            FROM ledger_entry ORDER BY id
            """
        ) { row in
            let hash = row.blob(8)
            guard let debit = Ledger.Side(rawValue: row[1]), let credit = Ledger.Side(rawValue: row[2]) else {
                findings.append("ledger entry \(row[9] as Int64) names a side that does not exist")
                return false
            }
            let entry = Ledger.Entry(
                accountID: row[0],
                debit: debit,
                credit: credit,
                amount: Cents(row[3]),
                reason: row[5],
                reference: row[6],
                postedAt: Timestamp(milliseconds: row[7]),
                currency: row[4]
            )
            guard hash == Ledger.hash(of: entry, after: previous) else {
                findings.append("the chain of ledger entries breaks at entry \(row[9] as Int64)")
                return false
            }
            previous = hash
            return true
        }
        return findings
    }

    /// Balances are the fold of the entries, and the books sum to zero.
    private static func balances(_ db: borrowing Database) throws -> [String] {
        let wrong: [String] = try db.all(
            """
            SELECT f.account_id, f.side FROM (
                SELECT account_id, side, sum(debits) AS debits, sum(credits) AS credits FROM (
                    SELECT CASE WHEN debit IN ('cash', 'revenue', 'promotion') THEN 0 ELSE account_id END AS account_id,
                        debit AS side, amount AS debits, 0 AS credits FROM ledger_entry
                    UNION ALL
                    SELECT CASE WHEN credit IN ('cash', 'revenue', 'promotion') THEN 0 ELSE account_id END,
                        credit, 0, amount FROM ledger_entry
                ) AS legs GROUP BY account_id, side
            ) AS f LEFT JOIN ledger_balance b ON b.account_id = f.account_id AND b.side = f.side
            WHERE b.debits IS NULL OR b.debits <> f.debits OR b.credits <> f.credits
            """
        ) { row in "the balance of account \(row[0] as Int64), side \(row[1] as String), is not the sum of its entries"
        }
        let sum: Int64 = try db.value("SELECT coalesce(sum(debits - credits), 0) FROM ledger_balance") ?? 0
        return wrong + (sum == 0 ? [] : ["debits and credits differ by \(sum) cents"])
    }

    /// What is rolled up is what was recorded.
    private static func rollups(_ db: borrowing Database) throws -> [String] {
        try db.all(
            """
            SELECT r.account_id, r.meter, r.backend FROM (
                SELECT account_id, meter, backend, sum(quantity) AS quantity, sum(cost_micros) AS cost,
                    count(*) AS events
                FROM usage_event GROUP BY account_id, meter, backend
            ) AS r
            LEFT JOIN usage_total t ON t.account_id = r.account_id AND t.meter = r.meter AND t.backend = r.backend
            LEFT JOIN (
                SELECT account_id, meter, backend, sum(quantity) AS quantity, sum(cost_micros) AS cost,
                    sum(events) AS events
                FROM usage_day GROUP BY account_id, meter, backend
            ) AS d ON d.account_id = r.account_id AND d.meter = r.meter AND d.backend = r.backend
            WHERE t.quantity IS NULL OR t.quantity <> r.quantity OR t.cost_micros <> r.cost OR t.events <> r.events
                OR d.quantity IS NULL OR d.quantity <> r.quantity OR d.cost <> r.cost OR d.events <> r.events
            """
        ) { row in
            "the roll-ups of account \(row[0] as Int64), \(row[1] as String) on \(row[2] as String), are not its events"
        }
    }

    /// Every use is charged: the ledger's revenue from usage is the rounded total of what was used.
    private static func charges(_ db: borrowing Database) throws -> [String] {
        try db.all(
            """
            SELECT a.id FROM account a
            LEFT JOIN (SELECT account_id, sum(amount) AS amount FROM ledger_entry
                WHERE reason = 'usage' GROUP BY account_id) AS c ON c.account_id = a.id
            LEFT JOIN (SELECT account_id, sum(cost_micros) AS cost FROM usage_event GROUP BY account_id) AS e
                ON e.account_id = a.id
            WHERE coalesce(c.amount, 0) <> (a.usage_micros + 5000) / 10000 OR coalesce(e.cost, 0) <> a.usage_micros
            """
        ) { row in "the charges of account \(row[0] as Int64) are not its usage" }
    }

    /// An invoice's total is the sum of its lines, and what accounts owe by invoices is what their invoices say.
    private static func invoices(_ db: borrowing Database) throws -> [String] {
        let lines: [String] = try db.all(
            """
            SELECT i.id FROM invoice i WHERE i.status <> 'draft' AND i.total <>
                (SELECT coalesce(sum(l.amount), 0) FROM invoice_line l WHERE l.invoice_id = i.id)
            """
        ) { row in "the lines of invoice \(row[0] as Int64) do not add up to its total" }
        let owed: [String] = try db.all(
            """
            SELECT a.id FROM account a WHERE
                (SELECT coalesce(sum(i.total - i.paid), 0) FROM invoice i
                    WHERE i.account_id = a.id AND i.status IN ('open', 'uncollectible', 'paid')) <>
                coalesce((SELECT b.debits - b.credits FROM ledger_balance b
                    WHERE b.account_id = a.id AND b.side = 'receivable'), 0)
            """
        ) { row in "the open invoices of account \(row[0] as Int64) are not what it owes by the ledger" }
        return lines + owed
    }

    private static func numbers(_ db: borrowing Database) throws -> [String] {
        let gap: Int64 =
            try db.value(
                """
                SELECT coalesce((SELECT next_number - 1 FROM invoice_series WHERE name = 'INV'), 0)
                    - (SELECT count(*) FROM invoice WHERE number IS NOT NULL)
                """
            ) ?? 0
        return gap == 0 ? [] : ["\(gap) invoice numbers are missing"]
    }

    /// No payment gave back more than it took, and each cent of cash belongs to a payment.
    private static func payments(_ db: borrowing Database) throws -> [String] {
        let taken: Int64 = try db.value("SELECT coalesce(sum(amount - refunded), 0) FROM payment") ?? 0
        let cash = try Ledger.balance(.cash, of: 0, db).value
        return taken == cash ? [] : ["cash is \(cash) cents, payments less refunds are \(taken) cents"]
    }
}
