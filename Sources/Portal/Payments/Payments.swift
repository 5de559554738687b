import Storage

/// Money that came in and went back. Every statement on `payment` is in this file.
enum Payments {
    /// Posts a payment: first against open invoices, then against unbilled use; what is left is credit.
    /// - Parameter providerID: posts at most once, however often it is reported.
    static func receive(
        _ amount: Cents,
        from accountID: Int64,
        providerID: String,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        guard amount > .zero else { return }
        let isNew =
            try db.run(
                """
                INSERT INTO payment (account_id, provider_id, amount, currency, paid_at) VALUES (?, ?, ?, 'usd', ?)
                ON CONFLICT (provider_id) DO NOTHING
                """,
                accountID,
                providerID,
                amount.value,
                now.milliseconds
            ) > 0
        guard isNew else { return }
        var rest = amount
        for side in [Ledger.Side.receivable, .unbilled, .credit] {
            let open = side == .credit ? rest : try Ledger.balance(side, of: accountID, db)
            let part = min(rest, max(.zero, open))
            guard part > .zero else { continue }
            let entry = Ledger.Entry(
                accountID: accountID,
                debit: .cash,
                credit: side,
                amount: part,
                reason: "payment",
                reference: "stripe:\(providerID):paid:\(side.rawValue)",
                postedAt: now
            )
            try Ledger.post(entry, db)
            if side == .receivable { try Invoices.settle(accountID, with: part, at: now, db) }
            rest = rest - part
        }
    }

    /// Posts what a payment has given back so far. The provider reports the sum, so events may come twice or out of
    /// order: only a sum that has grown is news.
    static func refund(upTo total: Cents, of providerID: String, at now: Timestamp, _ db: borrowing Database) throws {
        let found = try db.first(
            "SELECT account_id, amount, refunded FROM payment WHERE provider_id = ?",
            providerID
        ) { row -> (account: Int64, amount: Int64, refunded: Int64) in (row[0], row[1], row[2]) }
        guard let found else { return }
        let sum = min(total.value, found.amount)
        guard sum > found.refunded else { return }
        try db.run("UPDATE payment SET refunded = ? WHERE provider_id = ?", sum, providerID)
        let entry = Ledger.Entry(
            accountID: found.account,
            debit: .revenue,
            credit: .cash,
            amount: Cents(sum - found.refunded),
            reason: "refund",
            reference: "stripe:\(providerID):refunded:\(sum)",
            postedAt: now
        )
        try Ledger.post(entry, db)
    }
}
