import Storage
import Testing
import Web

@testable import Portal

@Suite("An invoice that is taken back")
struct VoidInvoiceTests {
    private func void(_ id: Int64, _ desk: InvoiceBooks) throws {
        _ = try desk.write { _, db in try Invoices.void(id, at: Books.start, db) }
    }

    @Test("leaves its use to the next one, line by line with the same events")
    func carried() throws {
        let desk = try InvoiceBooks()
        try desk.grant(30)
        try desk.use(cents: 100)
        let first = try desk.raise()
        try void(first.id, desk)
        #expect(try desk.balance(.unbilled) == 70)
        try desk.use(cents: 100)
        let second = try desk.raise(on: 1)
        #expect(second.total == Cents(170))
        let lines = try desk.lines(second.id)
        #expect(lines.map(\.total) == [Cents(100), Cents(100), Cents(-30)])
        #expect(lines.map(\.evidence?.ids) == [1...1, 2...2, nil])
        #expect(lines[0].evidence == (try desk.lines(first.id)[0].evidence))
        // Taken back once more, all of it stands on the third.
        try void(second.id, desk)
        let third = try desk.raise(on: 2)
        #expect(try desk.lines(third.id) == lines)
        #expect(try desk.findings == [])
    }

    @Test("gives back its discount, its taxes, its fees and the coupon")
    func everything() throws {
        let desk = try InvoiceBooks()
        try desk.tax("VAT", 190_000)
        try desk.coupon("ONCE", .amount(Money(50, .usd)), invoices: 1)
        try desk.redeem("ONCE")
        try desk.use(cents: 333)
        let invoice = try desk.fees([1000])
        #expect(invoice.discount == Cents(50))
        try void(invoice.id, desk)
        #expect(try desk.balance(.receivable) == 0)
        #expect(try desk.balance(.unbilled) == 333)
        #expect(try desk.balance(.tax) == 0)
        #expect(try desk.balance(.revenue) == -333)
        #expect(try desk.raise(on: 1).discount == Cents(50))
        #expect(try desk.findings == [])
    }

    @Test("must not be paid, not in part, nor taken back already")
    func refused() throws {
        let desk = try InvoiceBooks()
        let paid = try desk.fees([1000])
        try desk.pay(1, "pi_1")
        #expect(throws: Failure.self) { try void(paid.id, desk) }
        let open = try desk.fees([1000])
        try void(open.id, desk)
        #expect(throws: Failure.self) { try void(open.id, desk) }
        #expect(throws: Failure.self) {
            try desk.write { _, db in try Invoices.writeOff(open.id, at: Books.start, db) }
        }
        #expect(try desk.findings == [])
    }

    @Test("is a loss where it is written off, and nothing is owed by it any more")
    func writtenOff() throws {
        let desk = try InvoiceBooks()
        let invoice = try desk.fees([1000])
        try desk.pay(400, "pi_1")
        _ = try desk.write { _, db in try Invoices.writeOff(invoice.id, at: Books.start, db) }
        #expect((try desk.balance(.receivable), try desk.balance(.loss)) == (0, 600))
        let found = try desk.find(invoice.id)
        #expect((found.status, found.owed, found.writtenOff) == (.uncollectible, .zero, Cents(600)))
        #expect(try desk.write { account, db in try Invoices.open(of: account, db).count } == 0)
        #expect(throws: Failure.self) { try void(invoice.id, desk) }
        #expect(try desk.findings == [])
    }
}
