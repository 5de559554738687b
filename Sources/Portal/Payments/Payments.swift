import Storage

/// Money that came in and went back. Every statement on `payment` is in this file.
enum Payments {
    /// Ten thousand times what Stripe takes at once (docs.stripe.com/currencies): beyond it sums could overflow.
    static let most = Cents(999_999_990_000)

    struct Implausible: Error {
        let amount: Cents
    }

    /// Posts a payment: first against open invoices, then against unbilled use; what is left is credit.
    /// - Parameter providerID: posts at most once, however often it is reported.
    /// - Throws: ``Implausible``.
    static func receive(
        _ amount: Cents,
        from accountID: Int64,
        providerID: String,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        guard amount > .zero else { return }
        guard amount <= most else { throw Implausible(amount: amount) }
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
            if side == .credit {
                let name = "Payment"
                try CreditGrants.give(
                    part,
                    kind: .paid,
                    name: name,
                    to: accountID,
                    providerID: providerID,
                    at: now,
                    db
                )
            }
            if side == .receivable { try Invoices.settle(accountID, with: part, at: now, db) }
            rest = rest - part
        }
        let told = PaymentPayload(paymentID: providerID, amount: amount.dollars, currency: "usd")
        try Webhooks.publish(.paymentReceived, account: accountID, data: told, at: now, db)
    }

    /// Posts what a payment has given back so far. The provider reports the sum, so events may come twice or out of
    /// order: only a sum that has grown is news.
    ///
    /// What the payment left as credit, and is still there, is taken back first; the rest is our loss.
    /// - Returns: false for a payment that is not known.
    static func refund(
        upTo total: Cents,
        of providerID: String,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Bool {
        let found = try db.first(
            "SELECT account_id, amount, refunded FROM payment WHERE provider_id = ?",
            providerID
        ) { row -> (account: Int64, amount: Int64, refunded: Int64) in (row[0], row[1], row[2]) }
        guard let found else { return false }
        let sum = min(total.value, found.amount)
        guard sum > found.refunded else { return true }
        try db.run("UPDATE payment SET refunded = ? WHERE provider_id = ?", sum, providerID)
        let amount = Cents(sum - found.refunded)
        let prefix = "stripe:\(providerID):"
        let left = try Ledger.sum(.credit, of: found.account, references: prefix, db)
        let fromCredit = min(amount, max(.zero, min(left, try Ledger.credit(of: found.account, db))))
        for (side, part) in [(Ledger.Side.credit, fromCredit), (.revenue, amount - fromCredit)] where part > .zero {
            let entry = Ledger.Entry(
                accountID: found.account,
                debit: side,
                credit: .cash,
                amount: part,
                reason: "refund",
                reference: "\(prefix)refunded:\(sum):\(side.rawValue)",
                postedAt: now
            )
            try Ledger.post(entry, db)
        }
        try Audit.record(
            .paymentRefunded,
            byItself: "stripe",
            account: found.account,
            target: "payment:\(providerID)",
            detail: [.init("amount", .string(amount.dollars.text))],
            at: now,
            db
        )
        return true
    }
}
