import Storage
import Testing
import Web

@testable import Portal

@Suite("A coupon")
struct CouponTests {
    private func code(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch let failure as Failure {
            return failure.code
        } catch {
            return "\(error)"
        }
    }

    @Test("takes something off so many invoices and no more")
    func counted() throws {
        let desk = try InvoiceBooks()
        try desk.coupon("TWICE", .percent(basisPoints: 2500), invoices: 2)
        try desk.redeem("TWICE")
        #expect(try (0..<3).map { try desk.fees([1000], on: $0).total } == [Cents(750), Cents(750), Cents(1000)])
        #expect(try desk.findings == [])
    }

    @Test("is left for another time where there was nothing to take it from")
    func unused() throws {
        let desk = try InvoiceBooks()
        try desk.coupon("ALL", .percent(basisPoints: 10_000), invoices: 1)
        try desk.coupon("MORE", .amount(Money(100, .usd)), invoices: 1)
        try desk.redeem("ALL")
        try desk.redeem("MORE")
        let first = try desk.fees([1000])
        #expect(first.papers.discounts.map(\.code) == ["ALL"])
        #expect(try desk.fees([1000], on: 1).papers.discounts.map(\.code) == ["MORE"])
        #expect(try desk.findings == [])
    }

    @Test("for ever takes from each, after those redeemed before it")
    func forEver() throws {
        let desk = try InvoiceBooks()
        try desk.coupon("TENTH", .percent(basisPoints: 1000))
        try desk.coupon("DOLLAR", .amount(Money(100, .usd)))
        try desk.redeem("DOLLAR")
        try desk.redeem("TENTH", on: 1)
        for day in 0..<3 { #expect(try desk.fees([1100], on: day).total == Cents(900)) }
        #expect(try desk.fees([50], on: 4).total == .zero)
        #expect(try desk.findings == [])
    }

    @Test("is refused past its day, used up, twice, in another currency, archived, and where there is none")
    func refused() throws {
        let desk = try InvoiceBooks()
        let other = try desk.books.account(2).account
        let euro = try #require(Currency("eur"))
        try desk.coupon("OLD", .percent(basisPoints: 1), validUntil: Books.start)
        try desk.coupon("EURO", .amount(Money(1, euro)))
        try desk.coupon("FEW", .percent(basisPoints: 1), mostAccounts: 1)
        try desk.coupon("GONE", .percent(basisPoints: 1))
        _ = try desk.write { _, db in
            let id = try #require(try Coupons.find(code: "GONE", db)).id
            try Coupons.setArchived(true, id, at: Books.start, db)
            return try Coupons.redeem("FEW", other, at: Books.start, db).id
        }
        try desk.coupon("YES", .percent(basisPoints: 1))
        try desk.redeem("YES")
        #expect(code { try desk.redeem("OLD") } == "coupon_expired")
        #expect(code { try desk.redeem("EURO") } == "coupon_currency")
        #expect(code { try desk.redeem("FEW") } == "coupon_used_up")
        #expect(code { try desk.redeem("GONE") } == "not_found")
        #expect(code { try desk.redeem("NONE") } == "not_found")
        #expect(code { try desk.redeem("YES") } == "coupon_redeemed")
        let counted = try desk.write { _, db in try Coupons.find(code: "YES", db)?.accounts }
        #expect(counted == 1)
    }

    @Test(
        "takes nothing from what was agreed by hand or corrects another invoice",
        arguments: [
            Invoices.Reason.manual, .correction, .topUp,
        ]
    )
    func notOnAll(reason: Invoices.Reason) throws {
        let desk = try InvoiceBooks()
        try desk.coupon("ALL", .percent(basisPoints: 10_000))
        try desk.redeem("ALL")
        #expect(try desk.fees([1000], reason).discount == .zero)
        #expect(try desk.findings == [])
    }
}
