import Storage
import Testing
import Web

@testable import Portal

@Suite("A refund of an invoice's payment")
struct RefundNoteTests {
    private let desk: InvoiceBooks

    init() throws {
        desk = try InvoiceBooks()
        try desk.tax("VAT", 190_000)
    }

    /// Refunds by number, each as the provider has it now.
    private func tell(_ refunds: (number: Int, cents: Int64, status: String)..., of payment: String = "pi_1") throws {
        for refund in refunds {
            let told = FakeStripe.json(
                """
                {"id":"re_\(payment)_\(refund.number)","amount":\(refund.cents),"status":"\(refund.status)",
                 "payment_intent":"\(payment)"}
                """
            )
            _ = try desk.write { _, db in
                let effects = StripeEffects(now: Books.start, links: Books.links)
                return try effects.apply(told, about: .refund, type: "", db) == .applied
            }
        }
    }

    private func notes(_ status: Invoices.Status) throws -> [Invoices.Invoice] {
        let account = desk.account
        return try desk.books.store.read { db in
            try Invoices.page(of: account, .creditNote, status: status, limit: 100, db).reversed()
        }
    }

    @Test("makes a credit note out, with the tax in its part, and leaves the invoice paid")
    func part() throws {
        let invoice = try desk.fees([1000, 333])
        try desk.pay(invoice.total.value, "pi_1")
        try tell((1, 595, "succeeded"))
        let note = try #require(try notes(.paid).first)
        #expect(
            (note.number, note.total, note.tax, note.correctsID) == ("CN-000001", Cents(595), Cents(95), invoice.id)
        )
        #expect((note.paid, note.credited, note.description) == (Cents(595), .zero, "Refund for INV-000001"))
        let found = try desk.find(invoice.id)
        #expect((found.status, found.paid, found.credited) == (.paid, invoice.total, .zero))
        #expect(try desk.balance(.tax) == -(invoice.tax.value - 95))
        #expect(try desk.balance(.revenue) == -(1333 - 500))
        #expect(try desk.balance(.cash) == invoice.total.value - 595)
        #expect(try desk.balance(.credit) == 0)
        #expect(try desk.findings == [])
    }

    @Test("in parts, in whatever amounts, gives back the last cent of tax with the last one", arguments: [1, 7, 333])
    func parts(step: Int64) throws {
        let invoice = try desk.fees([333, 333, 334])
        try desk.pay(invoice.total.value, "pi_1")
        var (left, number) = (invoice.total.value, 0)
        while left > 0 {
            let part = min(left, step == 1 ? 17 : step)
            (left, number) = (left - part, number + 1)
            try tell((number, part, "succeeded"))
        }
        for side in [Ledger.Side.tax, .revenue, .cash, .credit] { #expect(try desk.balance(side) == 0) }
        #expect(try desk.findings == [])
    }

    @Test("takes unused credit first, and what no invoice asked for without a note")
    func creditFirst() throws {
        let invoice = try desk.fees([1000])
        try desk.pay(1190 + 500, "pi_1")
        try tell((1, 500, "succeeded"))
        #expect(try notes(.paid).isEmpty)
        try tell((2, 190, "succeeded"))
        #expect(try notes(.paid).map(\.total) == [Cents(190)])
        #expect(try desk.find(invoice.id).status == .paid)
        // Credit that is spent before an invoice asks for it.
        try desk.pay(500, "pi_2")
        try desk.use(cents: 400)
        try tell((1, 500, "succeeded"), of: "pi_2")
        #expect(try notes(.paid).count == 1)
        #expect(try desk.findings == [])
    }

    @Test("that failed takes its note back, and the number stays used")
    func failed() throws {
        let invoice = try desk.fees([1000])
        try desk.pay(1190, "pi_1")
        let before = try [Ledger.Side.tax, .revenue, .cash, .credit].map { try desk.balance($0) }
        try tell((1, 595, "succeeded"), (2, 95, "succeeded"), (1, 595, "failed"))
        #expect(try notes(.void).map(\.number) == ["CN-000002", "CN-000001"].reversed())
        #expect(try notes(.paid).map { "\($0.number ?? "") \($0.total.value)" } == ["CN-000003 95"])
        try tell((2, 95, "failed"))
        #expect(try [Ledger.Side.tax, .revenue, .cash, .credit].map { try desk.balance($0) } == before)
        #expect(try notes(.paid).isEmpty)
        #expect(try desk.find(invoice.id).status == .paid)
        #expect(try desk.findings == [])
        // What is left of the invoice can be credited as if nothing had happened.
        let note = try desk.write { _, db in
            try CreditNotes.issue(invoice.id, .whole, reason: "", at: Books.start, db)
        }
        #expect(note.total == Cents(1190))
        #expect(try desk.findings == [])
    }

    @Test("takes from each invoice what it had paid of it, and no more than other notes left")
    func severalInvoices() throws {
        let first = try desk.fees([1000])
        let second = try desk.fees([1000])
        _ = try desk.write { _, db in
            try CreditNotes.issue(first.id, .amount(Cents(190)), reason: "", at: Books.start, db)
        }
        try desk.pay(1000 + 600, "pi_1")
        try desk.pay(590, "pi_2")
        try tell((1, 1600, "succeeded"))
        #expect(try notes(.paid).suffix(2).map(\.total) == [Cents(1000), Cents(600)])
        try tell((1, 590, "succeeded"), of: "pi_2")
        #expect(try notes(.paid).suffix(1).map(\.correctsID) == [second.id])
        for side in [Ledger.Side.tax, .revenue, .cash] { #expect(try desk.balance(side) == 0) }
        #expect(try desk.findings == [])
    }

    @Test("of part of an invoice that still asks for the rest leaves the rest owed")
    func partlyPaid() throws {
        let invoice = try desk.fees([1000])
        try desk.pay(500, "pi_1")
        try tell((1, 500, "succeeded"))
        #expect(try desk.find(invoice.id).owed == Cents(690))
        #expect(try desk.balance(.receivable) == 690)
        #expect(try desk.findings == [])
    }

    @Test("is missed by the check where its note is not there, or says another amount")
    func check() throws {
        let invoice = try desk.fees([1000])
        try desk.pay(1190, "pi_1")
        try tell((1, 595, "succeeded"))
        _ = try desk.write { _, db in
            try db.run("UPDATE payment_use SET amount = -594 WHERE cause = 'refund'")
        }
        #expect(try desk.findings.contains("credit note CN-000001 does not say what was paid back by it"))
        let other = try InvoiceBooks()
        let bare = try other.fees([1000])
        try other.pay(1000, "pi_1")
        _ = try other.write { _, db in
            let payment = try #require(try Payments.find("pi_1", db))
            let place = PaymentUses.Place(cause: .refund, side: .revenue)
            try PaymentUses.insert(payment.id, place, Cents(-500), at: Books.start, db)
            return 0
        }
        #expect(bare.total < invoice.total)
        let sentence = "what was paid back of pi_1 came off an invoice without a credit note"
        #expect(try other.findings.contains(sentence))
    }
}
