import Storage
import Testing
import Web

@testable import Portal

@Suite("A credit note")
struct CreditNoteTests {
    private func issue(_ id: Int64, _ extent: CreditNotes.Extent, _ desk: InvoiceBooks) throws -> Invoices.Invoice {
        try desk.write { _, db in try CreditNotes.issue(id, extent, reason: "sorry", at: Books.start, db) }
    }

    private func taxed() throws -> InvoiceBooks {
        let desk = try InvoiceBooks()
        try desk.tax("VAT", 190_000)
        return desk
    }

    @Test("for the whole takes an unpaid invoice's debt, revenue and tax")
    func whole() throws {
        let desk = try taxed()
        let invoice = try desk.fees([1000, 333])
        let note = try issue(invoice.id, .whole, desk)
        #expect((note.number, note.total, note.tax) == ("CN-000001", invoice.total, invoice.tax))
        let found = try desk.find(invoice.id)
        #expect((found.status, found.owed, found.credited) == (.paid, .zero, invoice.total))
        #expect(try desk.balance(.receivable) == 0)
        #expect(try desk.balance(.tax) == 0)
        #expect(try desk.balance(.revenue) == 0)
        #expect(try desk.balance(.credit) == 0)
        #expect(throws: Failure.self) { try issue(invoice.id, .amount(Cents(1)), desk) }
        #expect(try desk.findings == [])
    }

    @Test("takes from what is owed first, and gives the rest as credit")
    func partlyPaid() throws {
        let desk = try taxed()
        let invoice = try desk.fees([1000])
        try desk.pay(900, "pi_1")
        let note = try issue(invoice.id, .amount(Cents(595)), desk)
        #expect((note.tax, note.credited, note.paid) == (Cents(95), Cents(290), Cents(305)))
        #expect(try desk.find(invoice.id).status == .paid)
        #expect(try desk.balance(.credit) == -305)
        #expect(try desk.balance(.tax) == -95)
        #expect(try desk.findings == [])
    }

    @Test("after note gives back the last cent of tax with the last one", arguments: [1, 7, 333, 1189])
    func running(step: Int64) throws {
        let desk = try taxed()
        let invoice = try desk.fees([333, 333, 334])
        var left = invoice.total.value
        while left > 0 {
            let part = min(left, step == 1 ? 17 : step)
            _ = try issue(invoice.id, .amount(Cents(part)), desk)
            left -= part
        }
        #expect(try desk.balance(.tax) == 0)
        #expect(try desk.balance(.revenue) == 0)
        #expect(throws: Failure.self) { try issue(invoice.id, .whole, desk) }
        #expect(try desk.findings == [])
    }

    @Test("takes from single lines no more than they have")
    func lines() throws {
        let desk = try taxed()
        let invoice = try desk.fees([1000, 500])
        let note = try issue(invoice.id, .lines([.init(position: 1, amount: Cents(595))]), desk)
        #expect(note.tax == Cents(95))
        for bad in [1, 2, -1] {
            #expect(throws: Failure.self) {
                try issue(invoice.id, .lines([.init(position: bad, amount: Cents(1))]), desk)
            }
        }
        let twice = CreditNotes.Line(position: 0, amount: Cents(1))
        #expect(throws: Failure.self) { try issue(invoice.id, .lines([twice, twice]), desk) }
        #expect(throws: Failure.self) { try issue(invoice.id, .amount(Cents(1191)), desk) }
        #expect(try issue(invoice.id, .whole, desk).total == Cents(1190))
        #expect(try desk.findings == [])
    }

    @Test("is for no voided invoice and no credit note")
    func refused() throws {
        let desk = try taxed()
        let invoice = try desk.fees([1000])
        let note = try issue(invoice.id, .amount(Cents(10)), desk)
        #expect(throws: Failure.self) { try issue(note.id, .whole, desk) }
        let other = try desk.fees([1000])
        _ = try desk.write { _, db in try Invoices.void(other.id, at: Books.start, db) }
        #expect(throws: Failure.self) { try issue(other.id, .whole, desk) }
        #expect(try desk.findings == [])
    }
}
