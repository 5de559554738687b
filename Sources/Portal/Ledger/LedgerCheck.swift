import Storage

/// What must hold of the books at any moment; run by `purser check` and after every test that hurts.
enum LedgerCheck {
    /// - Returns: a sentence for each thing that does not hold; none when all is well.
    static func run(_ db: borrowing Database) throws -> [String] {
        var findings = try chain(db) + references(db) + balances(db)
        findings += try RollupCheck.run(db) + UsageTotals.check(db) + charges(db)
        findings += try InvoiceCheck.run(db) + CreditGrants.check(db)
        findings += try ChargeAttempts.check(db) + DunningRows.check(db) + Subscriptions.check(db)
        findings += try LedgerMonths.check(db) + PartnerCheck.run(db)
        return try findings + payments(db) + clearing(db) + Payments.check(db) + RefundCheck.run(db)
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
                SELECT CASE WHEN debit IN ('credit', 'unbilled', 'receivable', 'reward_cost', 'reward_held',
                        'reward_due', 'reward_paid') THEN account_id ELSE 0 END AS account_id,
                    debit AS side, currency, amount AS debits, 0 AS credits FROM ledger_entry
                UNION ALL
                SELECT CASE WHEN credit IN ('credit', 'unbilled', 'receivable', 'reward_cost', 'reward_held',
                        'reward_due', 'reward_paid') THEN account_id ELSE 0 END,
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

    /// Each effect was posted at most once.
    private static func references(_ db: borrowing Database) throws -> [String] {
        try db.all(
            "SELECT reference FROM ledger_entry WHERE reference IS NOT NULL GROUP BY reference HAVING count(*) > 1"
        ) { row in "the effect \(row[0] as String) was posted more than once" }
    }

    /// Every use is charged: the ledger's revenue from usage is the rounded total of what was used, with corrections.
    private static func charges(_ db: borrowing Database) throws -> [String] {
        try db.all(
            """
            SELECT a.id FROM account a
            LEFT JOIN (SELECT account_id, sum(CASE WHEN credit = 'revenue' THEN amount ELSE -amount END) AS amount
                FROM ledger_entry WHERE reason = 'usage' GROUP BY account_id) AS c ON c.account_id = a.id
            LEFT JOIN (SELECT account_id, sum(cost_micros) AS cost FROM usage_event GROUP BY account_id) AS e
                ON e.account_id = a.id
            LEFT JOIN (SELECT account_id, sum(cost_micros) AS cost FROM usage_correction
                WHERE is_charged = 1 GROUP BY account_id) AS x
                ON x.account_id = a.id
            WHERE coalesce(c.amount, 0) <> (a.usage_micros + 5000) / 10000
                OR coalesce(e.cost, 0) + coalesce(x.cost, 0) <> a.usage_micros
            """
        ) { row in "the charges of account \(row[0] as Int64) are not its usage" }
    }

    /// Each cent of an account's cash belongs to one of its payments, and none gave back more than it brought.
    private static func payments(_ db: borrowing Database) throws -> [String] {
        let cash: [String] = try db.all(
            """
            SELECT account_id, sum(cents), currency FROM (
                SELECT account_id, amount - refunded - disputed AS cents, currency FROM payment
                UNION ALL
                SELECT account_id, CASE WHEN debit = 'cash' THEN -amount ELSE amount END, currency FROM ledger_entry
                WHERE debit = 'cash' OR credit = 'cash'
            ) AS c GROUP BY account_id, currency HAVING sum(cents) <> 0
            """
        ) { row in
            "cash is \(row[1] as Int64) minor units of \(row[2] as String) less than the payments without refunds of "
                + "account \(row[0] as Int64)"
        }
        let refunds: [String] = try db.all("SELECT provider_id FROM payment WHERE refunded > amount") { row in
            "more was refunded of the payment \(row[0] as String) than it brought"
        }
        return cash + refunds
    }

    /// What is held back is held back by disputes that are open.
    private static func clearing(_ db: borrowing Database) throws -> [String] {
        try db.all(
            """
            SELECT currency, sum(amount) FROM (
                SELECT currency, debits - credits AS amount FROM ledger_balance WHERE side = 'disputed'
                UNION ALL
                SELECT p.currency, u.amount FROM payment_use u JOIN payment p ON p.id = u.payment_id
                WHERE u.side = 'disputed'
            ) AS c GROUP BY currency HAVING sum(amount) <> 0
            """
        ) { row in "\(row[1] as Int64) minor units of \(row[0] as String) are held back by no open dispute" }
    }
}
