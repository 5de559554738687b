import Storage

/// What must hold of the books at any moment; run by `purser check` and after every test that hurts.
enum LedgerCheck {
    /// - Returns: a sentence for each thing that does not hold; none when all is well.
    static func run(_ db: borrowing Database) throws -> [String] {
        try chain(db) + balances(db) + RollupCheck.run(db) + UsageTotals.check(db) + charges(db) + invoices(db)
            + numbers(db) + payments(db)
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
    ///
    /// What should be is added to a group and what is is taken from it, so that a row that is missing on either side
    /// shows as well as one that differs.
    private static func balances(_ db: borrowing Database) throws -> [String] {
        let wrong: [String] = try db.all(
            """
            SELECT account_id, side, currency FROM (
                SELECT CASE WHEN debit IN ('credit', 'unbilled', 'receivable') THEN account_id ELSE 0 END AS account_id,
                    debit AS side, currency, amount AS debits, 0 AS credits FROM ledger_entry
                UNION ALL
                SELECT CASE WHEN credit IN ('credit', 'unbilled', 'receivable') THEN account_id ELSE 0 END,
                    credit, currency, 0, amount FROM ledger_entry
                UNION ALL
                SELECT account_id, side, currency, -debits, -credits FROM ledger_balance
            ) AS legs GROUP BY account_id, side, currency HAVING sum(debits) <> 0 OR sum(credits) <> 0
            """
        ) { row in "the balance of account \(row[0] as Int64), side \(row[1] as String), is not the sum of its entries"
        }
        let uneven: [String] = try db.all(
            """
            SELECT currency, sum(debits - credits) FROM ledger_balance
            GROUP BY currency HAVING sum(debits) <> sum(credits)
            """
        ) { row in "debits and credits differ by \(row[1] as Int64) in \(row[0] as String)" }
        return wrong + uneven
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
                (SELECT coalesce(sum(l.total), 0) FROM invoice_line l WHERE l.invoice_id = i.id)
            """
        ) { row in "the lines of invoice \(row[0] as Int64) do not add up to its total" }
        let states: [String] = try db.all(
            "SELECT id FROM invoice WHERE paid < 0 OR paid > total OR (status = 'paid' AND paid <> total)"
        ) { row in "invoice \(row[0] as Int64) is in a state that its payments do not give" }
        let owed: [String] = try db.all(
            """
            SELECT a.id FROM account a WHERE
                (SELECT coalesce(sum(i.total - i.paid), 0) FROM invoice i
                    WHERE i.account_id = a.id AND i.status IN ('open', 'uncollectible', 'paid')) <>
                coalesce((SELECT b.debits - b.credits FROM ledger_balance b
                    WHERE b.account_id = a.id AND b.side = 'receivable'), 0)
            """
        ) { row in "the open invoices of account \(row[0] as Int64) are not what it owes by the ledger" }
        return lines + states + owed
    }

    /// Numbers run from 1 to the last one given, without gaps.
    private static func numbers(_ db: borrowing Database) throws -> [String] {
        let last: Int64 =
            try db.value("SELECT next_number - 1 FROM invoice_series WHERE name = ?", Invoices.series) ?? 0
        let given: [String] = try db.all("SELECT number FROM invoice WHERE number IS NOT NULL") { row in row[0] }
        guard last - Int64(given.count) <= 1000 else {
            return ["\(last - Int64(given.count)) invoice numbers are missing"]
        }
        let expected = Set((0..<max(0, last)).map { Invoices.number($0 + 1) })
        let missing = expected.subtracting(given).sorted()
        let unknown = Set(given).subtracting(expected).sorted()
        let gaps =
            missing.isEmpty ? [] : ["\(missing.count) invoice numbers are missing: \(missing.joined(separator: ", "))"]
        return gaps
            + unknown.map { "the invoice number \($0) was never given" }
    }

    /// Each cent of an account's cash belongs to one of its payments.
    private static func payments(_ db: borrowing Database) throws -> [String] {
        try db.all(
            """
            SELECT account_id, sum(cents) FROM (
                SELECT account_id, amount - refunded AS cents FROM payment
                UNION ALL
                SELECT account_id, CASE WHEN debit = 'cash' THEN -amount ELSE amount END FROM ledger_entry
                WHERE debit = 'cash' OR credit = 'cash'
            ) AS c GROUP BY account_id HAVING sum(cents) <> 0
            """
        ) { row in
            "cash is \(row[1] as Int64) cents less than the payments without refunds of account \(row[0] as Int64)"
        }
    }
}

/// What is rolled up is what was recorded: days and totals by backend, months by meter.
enum RollupCheck {
    /// - Returns: a sentence for each sum that is not that of its parts.
    static func run(_ db: borrowing Database) throws -> [String] {
        let totals: [String] = try db.all(
            """
            SELECT account_id, meter, backend FROM (
                SELECT account_id, meter, backend, quantity, cost_micros, 1 AS events FROM usage_event
                UNION ALL
                SELECT account_id, meter, backend, -quantity, -cost_micros, -events FROM usage_total
            ) AS r GROUP BY account_id, meter, backend
            HAVING sum(quantity) <> 0 OR sum(cost_micros) <> 0 OR sum(events) <> 0
            """
        ) { row in
            "the totals of account \(row[0] as Int64), \(row[1] as String) on \(row[2] as String), are not its events"
        }
        let days: [String] = try db.all(
            """
            SELECT account_id, meter, backend, day FROM (
                SELECT account_id, meter, backend, occurred_at / 86400000 AS day, quantity, cost_micros, 1 AS events
                FROM usage_event
                UNION ALL
                SELECT account_id, meter, backend, day, -quantity, -cost_micros, -events FROM usage_day
            ) AS r GROUP BY account_id, meter, backend, day
            HAVING sum(quantity) <> 0 OR sum(cost_micros) <> 0 OR sum(events) <> 0
            """
        ) { row in
            "day \(Day(number: row[3]).text) of account \(row[0] as Int64), \(row[1] as String) on "
                + "\(row[2] as String), is not its events"
        }
        return totals + days + (try months(db))
    }

    private struct MonthCell: Hashable {
        let account: Int64
        let meter: String
        let month: Int
    }

    private struct MonthSum: Equatable {
        var quantity: Int64 = 0
        var micros: Int64 = 0
        var events: Int64 = 0
    }

    /// Months are the sums of their days; quotas are held against them.
    private static func months(_ db: borrowing Database) throws -> [String] {
        var sums: [MonthCell: MonthSum] = [:]
        try db.each(
            """
            SELECT account_id, meter, day, sum(quantity), sum(cost_micros), sum(events)
            FROM usage_day GROUP BY account_id, meter, day
            """
        ) { row in
            let cell = MonthCell(account: row[0], meter: row[1], month: Day(number: row[2]).month.number)
            sums[cell, default: MonthSum()].quantity += row[3]
            sums[cell, default: MonthSum()].micros += row[4]
            sums[cell, default: MonthSum()].events += row[5]
            return true
        }
        var findings: [String] = []
        try db.each("SELECT account_id, meter, month, quantity, cost_micros, events FROM usage_month") { row in
            let cell = MonthCell(account: row[0], meter: row[1], month: row[2])
            let kept = MonthSum(quantity: row[3], micros: row[4], events: row[5])
            if sums.removeValue(forKey: cell) != kept { findings.append(sentence(about: cell)) }
            return true
        }
        return findings + sums.keys.map(sentence(about:)).sorted()
    }

    private static func sentence(about cell: MonthCell) -> String {
        "month \(cell.month) of account \(cell.account), \(cell.meter), is not the sum of its days"
    }
}
