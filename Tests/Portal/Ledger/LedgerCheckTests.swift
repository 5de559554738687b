import Storage
import Testing

@testable import Portal

@Suite("The check of the books")
struct LedgerCheckTests {
    /// A little business with something of everything.
    private func books() throws -> Books {
        let books = try Books()
        let owner = try books.account(1)
        let other = try books.account(2)
        let now = Books.start
        try books.write { db in
            try CreditGrants.give(Cents(1000), kind: .promotion, name: "gift", to: owner.account, at: now, db)
        }
        for (number, micros) in [Int64(12_340_000), 77_001, 30_000_000, 9].enumerated() {
            try books.use(micros, by: owner, threshold: Cents(300_000), at: now.adding(days: number * 20))
            try books.use(micros + 1, by: other, threshold: Cents(300_000), at: now.adding(days: number * 20))
            try books.write { db in try Invoices.raise(owner.account, at: now.adding(days: number * 20), db) }
        }
        try books.write { db in
            try Payments.receive(Cents(5000), from: owner.account, providerID: "pi_1", at: now, db)
            try Payments.receive(Cents(500), from: other.account, providerID: "pi_2", at: now, db)
            _ = try Payments.refund(upTo: Cents(700), of: "pi_1", at: now, db)
        }
        return books
    }

    @Test("finds nothing wrong in sound books")
    func sound() throws {
        #expect(try books().findings == [])
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let finding: String
        let inflict: @Sendable (borrowing Database) throws -> Void

        init(_ what: String, finding: String, _ inflict: @escaping @Sendable (borrowing Database) throws -> Void) {
            (testDescription, self.finding, self.inflict) = (what, finding, inflict)
        }
    }

    static let damages: [Damage] = [
        Damage("an altered amount", finding: "chain") { db in
            try db.run("UPDATE ledger_entry SET amount = amount + 1 WHERE id = 2")
        },
        Damage("an altered reason", finding: "chain") { db in
            try db.run("UPDATE ledger_entry SET reason = 'present' WHERE id = 2")
        },
        Damage("an entry of another account's", finding: "chain") { db in
            try db.run("UPDATE ledger_entry SET account_id = 2 WHERE id = 2")
        },
        Damage("a deleted entry", finding: "chain") { db in
            try db.run("DELETE FROM ledger_entry WHERE id = 3")
        },
        Damage("the last entry deleted", finding: "balance of account") { db in
            try db.run("DELETE FROM ledger_entry WHERE id = (SELECT max(id) FROM ledger_entry)")
        },
        Damage("all entries deleted", finding: "balance of account") { db in
            try db.run("DELETE FROM ledger_entry")
        },
        Damage("an altered balance", finding: "balance of account") { db in
            try db.run("UPDATE ledger_balance SET debits = debits + 1 WHERE side = 'unbilled'")
        },
        Damage("a balance both of whose sides grew", finding: "balance of account") { db in
            try db.run("UPDATE ledger_balance SET debits = debits + 5, credits = credits + 5 WHERE side = 'credit'")
        },
        Damage("a deleted balance", finding: "balance of account") { db in
            try db.run("DELETE FROM ledger_balance WHERE side = 'receivable'")
        },
        Damage("a balance of nothing", finding: "balance of account") { db in
            try db.run(
                """
                INSERT INTO ledger_balance (account_id, side, currency, debits, credits)
                VALUES (9, 'credit', 'usd', 1, 1)
                """
            )
        },
        Damage("an altered total", finding: "totals of account") { db in
            try db.run("UPDATE usage_total SET quantity = quantity + 1")
        },
        Damage("a total of nothing", finding: "totals of account") { db in
            try db.run(
                """
                INSERT INTO usage_total (account_id, meter, backend, unit_micros, quantity, cost_micros, events)
                VALUES (1, 'shots', 'ghost', 1, 1, 1, 1)
                """
            )
        },
        Damage("an altered day", finding: "is not its events") { db in
            try db.run("UPDATE usage_day SET cost_micros = cost_micros + 1")
        },
        Damage("a use moved to another day", finding: "is not its events") { db in
            try db.run("UPDATE usage_event SET occurred_at = occurred_at - 86400000 WHERE id = 1")
        },
        Damage("a deleted day", finding: "is not its events") { db in
            try db.run("DELETE FROM usage_day WHERE account_id = 1")
        },
        Damage("an altered month", finding: "is not the sum of its days") { db in
            try db.run("UPDATE usage_month SET quantity = quantity - 1 WHERE month = 202603")
        },
        Damage("a deleted month", finding: "is not the sum of its days") { db in
            try db.run("DELETE FROM usage_month WHERE month = 202604")
        },
        Damage("a deleted use", finding: "totals of account") { db in
            try db.run("DELETE FROM usage_event WHERE id = 1")
        },
        Damage("a use that was not charged", finding: "charges of account") { db in
            try db.run("UPDATE account SET usage_micros = usage_micros + 10000 WHERE id = 2")
        },
        Damage("an altered line", finding: "lines of invoice") { db in
            try db.run("UPDATE invoice_line SET amount = amount + 1 WHERE invoice_id = 1 AND position = 0")
        },
        Damage("an invoice and its line altered alike", finding: "open invoices of account") { db in
            try db.run("UPDATE invoice_line SET amount = amount + 1 WHERE invoice_id = 1 AND position = 0")
            try db.run("UPDATE invoice SET total = total + 1, paid = 0, status = 'open' WHERE id = 1")
        },
        Damage("an invoice called paid", finding: "in a state that its payments do not give") { db in
            try db.run("UPDATE invoice SET status = 'paid', paid = 1, total = 2")
        },
        Damage("a gap in the numbers", finding: "1 invoice numbers are missing: INV-000001") { db in
            try db.run("UPDATE invoice SET number = NULL WHERE id = 1")
        },
        Damage("a number from nowhere", finding: "was never given") { db in
            try db.run("UPDATE invoice SET number = 'INV-000099' WHERE id = 1")
        },
        Damage("a series that ran on", finding: "invoice numbers are missing") { db in
            try db.run("UPDATE invoice_series SET next_number = 1000000000000")
        },
        Damage("an altered payment", finding: "cash is") { db in
            try db.run("UPDATE payment SET amount = amount + 1 WHERE provider_id = 'pi_1'")
        },
        Damage("a payment moved to another account", finding: "cash is") { db in
            try db.run("UPDATE payment SET account_id = 1 WHERE provider_id = 'pi_2'")
        },
        Damage("a refund that was not made", finding: "cash is") { db in
            try db.run("UPDATE payment SET refunded = 0")
        },
    ]

    @Test("finds", arguments: damages)
    func finds(damage: Damage) throws {
        let books = try books()
        try books.write { db in
            try db.run("DROP TRIGGER ledger_entry_is_never_changed")
            try db.run("DROP TRIGGER ledger_entry_is_never_deleted")
            try db.run("DROP TRIGGER invoice_is_frozen")
            try db.run("DROP TRIGGER invoice_is_never_deleted")
            try db.run("DROP TRIGGER invoice_line_is_frozen")
            try db.run("DROP TRIGGER invoice_line_is_never_deleted")
            try db.run("DROP TRIGGER invoice_line_is_never_added")
        }
        try books.write { db in try damage.inflict(db) }
        let findings = try books.findings
        #expect(findings.contains { $0.contains(damage.finding) }, "\(findings)")
    }
}

@Suite("The ledger")
struct LedgerTests {
    @Test("refuses to change or delete an entry")
    func appendOnly() throws {
        let books = try Books()
        let owner = try books.account(1)
        try books.write { db in
            try CreditGrants.give(Cents(10), kind: .promotion, name: "gift", to: owner.account, at: Books.start, db)
        }
        #expect(throws: StoreError.constraint(.trigger, message: "ledger entries are never changed")) {
            try books.write { db in try db.run("UPDATE ledger_entry SET reason = 'x'") }
        }
        #expect(throws: StoreError.constraint(.trigger, message: "ledger entries are never deleted")) {
            try books.write { db in try db.run("DELETE FROM ledger_entry") }
        }
        #expect(try books.findings == [])
    }

    @Test("posts each effect at most once")
    func onceEach() throws {
        let books = try Books()
        let owner = try books.account(1)
        let entry = Ledger.Entry(
            accountID: owner.account,
            debit: .cash,
            credit: .credit,
            amount: Cents(5),
            reason: "payment",
            reference: "stripe:pi_1:paid:credit",
            postedAt: Books.start
        )
        try books.write { db in try Ledger.post(entry, db) }
        #expect(throws: StoreError.self) { try books.write { db in try Ledger.post(entry, db) } }
        #expect(try books.balance(.credit, of: owner.account) == -5)
    }

    @Test("refuses an entry of nothing, of less, and from a side to itself", arguments: [0, -1, 5])
    func nonsense(amount: Int64) throws {
        let books = try Books()
        let owner = try books.account(1)
        let entry = Ledger.Entry(
            accountID: owner.account,
            debit: .cash,
            credit: amount > 0 ? .cash : .credit,
            amount: Cents(amount),
            reason: "nonsense",
            postedAt: Books.start
        )
        #expect(throws: StoreError.self) { try books.write { db in try Ledger.post(entry, db) } }
        #expect(try books.findings == [])
    }
}
