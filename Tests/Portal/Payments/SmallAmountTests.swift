import Storage
import Testing
import Web

@testable import Portal

@Suite("An amount too small to be paid by itself")
struct SmallAmountTests {
    private let desk: InvoiceBooks

    init() throws { desk = try InvoiceBooks() }

    private func demand(_ invoice: Invoices.Invoice) throws -> Demand {
        try #require(try desk.books.store.read { db in try Demand.find(invoice.id, db) })
    }

    private func isPursued(_ invoice: Invoices.Invoice) throws -> Bool {
        try desk.books.store.read { db in try DunningRows.find(invoice.id, db) != nil }
    }

    private func pay(_ cents: Int64, for invoice: Invoices.Invoice) throws {
        _ = try desk.write { account, db in
            try Payments.receive(
                Cents(cents),
                .usd,
                from: account,
                providerID: "pi_\(cents)",
                invoiceID: invoice.id,
                at: Books.start,
                db
            )
        }
    }

    @Test(
        "is less than the provider's least of its currency",
        arguments: [("usd", 50), ("eur", 50), ("gbp", 30), ("jpy", 50), ("huf", 17_500), ("kwd", 500), ("try", 50)]
    )
    func least(code: String, least: Int64) throws {
        let currency = try #require(Currency(code))
        #expect(TooSmall(Money(least - 1, currency)) != nil)
        #expect(TooSmall(Money(least, currency)) == nil)
        #expect(TooSmall(Money(0, currency)) == nil)
    }

    @Test("stays owed and is not gone after, until another makes it enough")
    func carried() throws {
        let first = try desk.fees([30])
        #expect(try !isPursued(first) && !demand(first).isChargeable)
        let second = try desk.fees([30])
        #expect(try isPursued(second) && demand(second).payable.minor == 60)
        try pay(60, for: second)
        #expect(try desk.find(first.id).status == .paid)
        #expect(try desk.find(second.id).status == .paid)
        #expect(try !isPursued(second))
        #expect(try desk.findings == [])
    }

    @Test("goes along with a larger one, before older ones that can be paid by themselves")
    func alongWithLarger() throws {
        let old = try desk.fees([10_000])
        let small = try desk.fees([30])
        let new = try desk.fees([1000])
        #expect(try demand(new).payable.minor == 1030)
        #expect(try demand(old).carried == Cents(30))
        try pay(1030, for: new)
        #expect(try [old, small, new].map { try desk.find($0.id).owed.value } == [10_000, 0, 0])
        // Money for no invoice pays the oldest first.
        try desk.pay(9_960, "pi_any")
        #expect(try desk.find(old.id).owed == Cents(40))
        #expect(try !isPursued(old))
        #expect(try desk.findings == [])
    }

    @Test("that a credit note leaves ends the pursuit and what it took")
    func afterNote() throws {
        let invoice = try desk.fees([1000])
        #expect(try isPursued(invoice))
        _ = try desk.write { account, db in
            try DunningRows.setRestriction(.suspended, of: invoice.id, db)
            try Accounts.setRestriction("suspended", of: account, db)
            return try CreditNotes.issue(invoice.id, .amount(Cents(970)), reason: "", at: Books.start, db).id
        }
        #expect(try !isPursued(invoice))
        let account = desk.account
        let held: String? = try desk.books.store.read { db in
            try db.value("SELECT restriction FROM account WHERE id = ?", account)
        }
        #expect(held == nil)
        #expect(try desk.find(invoice.id).owed == Cents(30))
        #expect(try desk.findings == [])
    }

    @Test("is taken along by one charge, not by two at once")
    func oneCharge() throws {
        _ = try desk.fees([30])
        let (second, third) = (try desk.fees([1000]), try desk.fees([2000]))
        let amounts = try desk.write { _, db in
            let method = PaymentMethods.Method(
                id: "pm_1",
                type: "card",
                brand: nil,
                last4: nil,
                expiryMonth: nil,
                expiryYear: nil,
                createdAt: Books.start
            )
            return try [second, third].map { invoice in
                let demand = try #require(try Demand.find(invoice.id, db))
                return try Charges.begin(demand, method, at: Books.start, db)?.amount.minor
            }
        }
        #expect(amounts == [1030, 2000])
    }
}
