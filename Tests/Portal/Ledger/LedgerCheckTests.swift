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
            try Payments.receive(Cents(5000), .usd, from: owner.account, providerID: "pi_1", at: now, db)
            try Payments.receive(Cents(500), .usd, from: other.account, providerID: "pi_2", at: now, db)
        }
        try books.refund(upTo: 700, of: "pi_1", at: now)
        try notes(owner.account, books)
        return books
    }

    /// A taxed invoice with a credit note, a voided one and one that was written off: the fourth to the sixth, and
    /// the seventh is the note.
    private func notes(_ account: Int64, _ books: Books) throws {
        let now = Books.start.adding(days: 90)
        try books.write { db in
            let rate = TaxRate(name: "VAT", millionths: 190_000, isInclusive: false)
            _ = try TaxRates.insert(TaxRates.New(rate: rate, country: "", isDefault: true), at: now, db)
            var ids: [Int64] = []
            for amount in [Int64(10_000), 20_000, 30_000] {
                var draft = InvoiceDraft(of: account, in: .usd, reason: .manual, description: "By hand")
                draft.add([DraftLine(.manual, "Advice", Money(amount, .usd), postedAs: .revenue)])
                ids.append(try Invoices.finalize(draft, at: now, db)?.id ?? 0)
            }
            try Invoices.void(ids[1], at: now, db)
            try Invoices.writeOff(ids[2], at: now, db)
            try CreditNotes.issue(ids[0], .amount(Cents(595)), reason: "sorry", at: now, db)
        }
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
        Damage("an altered line", finding: "lines of invoice 1") { db in
            try db.run("UPDATE invoice_line SET amount = amount + 1 WHERE invoice_id = 1 AND position = 0")
        },
        Damage("a deleted line", finding: "lines of invoice 1") { db in
            try db.run("DELETE FROM invoice_line WHERE invoice_id = 1 AND position = 0")
        },
        Damage("a line's altered tax", finding: "lines of invoice 4") { db in
            try db.run("UPDATE invoice_line SET tax_added = tax_added + 1, total = total + 1 WHERE invoice_id = 4")
        },
        Damage("an altered tax", finding: "entries of invoice 4") { db in
            try db.run("UPDATE invoice_line SET tax_added = tax_added + 1, amount = amount - 1 WHERE invoice_id = 4")
            try db.run("UPDATE invoice SET tax = tax + 1, subtotal = subtotal - 1 WHERE id = 4")
        },
        Damage("an invoice and its line altered alike", finding: "open invoices of account") { db in
            try db.run(
                "UPDATE invoice_line SET amount = amount + 1, total = total + 1 WHERE invoice_id = 1 AND position = 0"
            )
            try db.run(
                "UPDATE invoice SET total = total + 1, subtotal = subtotal + 1, paid = 0, status = 'open' WHERE id = 1"
            )
        },
        Damage("an invoice without entries", finding: "entries of invoice 4") { db in
            try db.run("UPDATE ledger_entry SET reference = 'invoice:99:fees' WHERE reference = 'invoice:4:fees'")
        },
        Damage("entries of no invoice", finding: "entries of invoice 99, which is not there") { db in
            try db.run("UPDATE ledger_entry SET reference = 'invoice:99:fees' WHERE reference = 'invoice:4:fees'")
        },
        Damage("a voided invoice called open", finding: "entries of invoice 5") { db in
            try db.run("UPDATE invoice SET status = 'open' WHERE id = 5")
        },
        Damage("a loss that was not written off", finding: "entries of invoice 6") { db in
            try db.run("UPDATE invoice SET written_off = written_off - 1 WHERE id = 6")
        },
        Damage("a credit note that gave more than it says", finding: "entries of invoice 7") { db in
            try db.run("UPDATE invoice SET credited = credited - 1, paid = paid + 1 WHERE id = 7")
        },
        Damage("a credit note that nothing was taken by", finding: "credit notes for invoice 4") { db in
            try db.run("UPDATE invoice SET credited = 0, status = 'open' WHERE id = 4")
        },
        Damage("a credit note for more than there is", finding: "credit notes for invoice 1") { db in
            try db.run("UPDATE invoice SET corrects_id = 1 WHERE id = 7")
        },
        Damage("a credit note for more than its line", finding: "more from a line of invoice 4") { db in
            try db.run("UPDATE invoice_line SET total = 500, amount = 500 - tax_added WHERE invoice_id = 4")
        },
        Damage("a credit note left open", finding: "invoice 7 is in a state") { db in
            try db.run("UPDATE invoice SET status = 'open' WHERE id = 7")
        },
        Damage("a gap in the numbers of credit notes", finding: "CN-000001") { db in
            try db.run("UPDATE invoice SET number = 'CN-000002' WHERE id = 7")
        },
        Damage("an effect posted twice", finding: "stripe:pi_2:paid:unbilled was posted more than once") { db in
            try db.run("CREATE TABLE loose AS SELECT * FROM ledger_entry")
            try db.run("DROP TABLE ledger_entry")
            try db.run("ALTER TABLE loose RENAME TO ledger_entry")
            try db.run(
                """
                INSERT INTO ledger_entry (id, account_id, debit, credit, amount, currency, reason, reference, posted_at,
                    hash)
                SELECT id + 1000, account_id, debit, credit, amount, currency, reason, reference, posted_at, hash
                FROM ledger_entry WHERE reference = 'stripe:pi_2:paid:unbilled'
                """
            )
        },
        Damage("an entry in another currency", finding: "balance of account") { db in
            try db.run("UPDATE ledger_entry SET currency = 'eur' WHERE id = 2")
        },
        Damage("debits of one currency alone", finding: "debits and credits differ by 5 in eur") { db in
            try db.run(
                "INSERT INTO ledger_balance (account_id, side, currency, debits) VALUES (0, 'cash', 'eur', 5)"
            )
        },
        Damage("money held back by no dispute", finding: "are held back by no open dispute") { db in
            try db.run(
                "INSERT INTO ledger_balance (account_id, side, currency, debits) VALUES (0, 'disputed', 'usd', 5)"
            )
        },
        Damage("a refund of more than was paid", finding: "more was refunded of the payment pi_2") { db in
            try db.run("DELETE FROM payment_use")
            try db.run("CREATE TABLE loose AS SELECT * FROM payment")
            try db.run("DROP TABLE payment")
            try db.run("ALTER TABLE loose RENAME TO payment")
            try db.run("UPDATE payment SET refunded = amount + 1 WHERE provider_id = 'pi_2'")
        },
        Damage("a correction that nothing was moved by", finding: "totals of account") { db in
            try db.run(
                """
                INSERT INTO usage_correction (account_id, event_id, kind, quantity, cost_micros, reason, made_by, made_at,
                    is_charged)
                VALUES (1, 1, 'void', -1, 0, 'mistake', 'shell', 0, 1)
                """
            )
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
