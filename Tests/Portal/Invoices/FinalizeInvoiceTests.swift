import Storage
import Testing

@testable import Portal

@Suite("An invoice that is made out")
struct FinalizeInvoiceTests {
    @Test("has a line for each price of a backend, with quantity, unit price and the events behind it")
    func lines() throws {
        let desk = try InvoiceBooks()
        for micros in [Int64(20_000), 20_000, 40_000] { try desk.use(micros: micros) }
        let invoice = try desk.raise()
        let lines = try desk.lines(invoice.id)
        #expect(lines.map(\.quantity) == [2, 1])
        #expect(lines.map(\.unitPrice) == [UnitPrice(micros: 20_000), UnitPrice(micros: 40_000)])
        #expect(lines.map(\.amount) == [Cents(4), Cents(4)])
        #expect(lines.map(\.evidence?.events) == [2, 1])
        #expect(lines.map(\.evidence?.ids) == [1...2, 3...3])
        #expect(
            lines.allSatisfy { $0.evidence?.digest.utf8.count == 32 && $0.meter == "shots" && $0.backend == "even" }
        )
        #expect(try desk.findings == [])
    }

    @Test("has lines that add up to what the ledger posted, however small each use is")
    func thousandths() throws {
        let desk = try InvoiceBooks()
        var asked: Int64 = 0
        for round in 0..<6 {
            for _ in 0..<3 { try desk.use(micros: 3_333) }
            try desk.use(micros: 4_002)
            guard try desk.balance(.unbilled) > 0 else { continue }
            let invoice = try desk.raise(on: round)
            #expect(try desk.lines(invoice.id).allSatisfy { $0.kind == "usage" }, "no line only makes ends meet")
            asked += invoice.total.value
        }
        #expect(asked == (6 * (3 * 3_333 + 4_002) + 5_000) / 10_000)
        #expect(try desk.findings == [])
    }

    @Test("says what credit and payments covered before it")
    func applied() throws {
        let desk = try InvoiceBooks()
        try desk.grant(300)
        try desk.use(cents: 1000)
        try desk.pay(200, "pi_1")
        let invoice = try desk.raise()
        #expect(invoice.total == Cents(500))
        #expect(try desk.lines(invoice.id).map(\.kind) == ["usage", "applied"])
        #expect(try desk.lines(invoice.id).map(\.total) == [Cents(1000), Cents(-500)])
        #expect(try desk.findings == [])
    }

    @Test("is none where nothing is asked for")
    func nothing() throws {
        let desk = try InvoiceBooks()
        try desk.grant(1000)
        try desk.use(cents: 1000)
        #expect(try desk.write { account, db in try Invoices.raise(account, at: Books.start, db) } == nil)
        #expect(try desk.findings == [])
    }

    @Test("takes discounts first, then taxes on the sum, each spread without losing a cent")
    func discountsAndTaxes() throws {
        let desk = try InvoiceBooks()
        try desk.tax("VAT", 190_000)
        try desk.coupon("TENTH", .percent(basisPoints: 1000))
        try desk.redeem("TENTH")
        try desk.use(cents: 333)
        let invoice = try desk.fees([333, 334])
        // 1000 less 100, and 19 % of 900.
        #expect(
            (invoice.subtotal, invoice.discount, invoice.tax, invoice.total) == (
                Cents(1000), Cents(100), Cents(171), Cents(1071)
            )
        )
        let lines = try desk.lines(invoice.id)
        #expect(lines.reduce(Cents.zero) { $0 + $1.discount } == invoice.discount)
        #expect(lines.reduce(Cents.zero) { $0 + $1.taxAdded } == invoice.tax)
        #expect(lines.reduce(Cents.zero) { $0 + $1.total } == invoice.total)
        #expect(invoice.papers.taxes == [.init(name: "VAT", rate: 190_000, inclusive: false, amount: 171)])
        #expect(invoice.papers.discounts == [.init(name: "Coupon TENTH", code: "TENTH", amount: 100)])
        #expect(try desk.balance(.receivable) == 1071)
        #expect(try desk.balance(.unbilled) == 0)
        #expect(try desk.balance(.tax) == -171)
        #expect(try desk.balance(.revenue) == -900)
        #expect(try desk.findings == [])
    }

    @Test("leaves what an inclusive tax contains out of the revenue")
    func inclusive() throws {
        let desk = try InvoiceBooks()
        try desk.tax("GST", 100_000, inclusive: true)
        let invoice = try desk.fees([1100])
        #expect((invoice.tax, invoice.total) == (Cents(100), Cents(1100)))
        #expect(try desk.balance(.tax) == -100)
        #expect(try desk.balance(.revenue) == -1000)
        #expect(try desk.findings == [])
    }

    @Test("is paid by credit that is there")
    func credit() throws {
        let desk = try InvoiceBooks()
        try desk.grant(700)
        let invoice = try desk.fees([1000])
        #expect((invoice.paid, invoice.owed, invoice.status) == (Cents(700), Cents(300), .open))
        let second = try desk.fees([0, 5])
        #expect(second.owed == Cents(5))
        #expect(try desk.balance(.credit) == 0)
        #expect(try desk.findings == [])
    }

    @Test("is paid at once where a coupon takes all of it")
    func free() throws {
        let desk = try InvoiceBooks()
        try desk.coupon("ALL", .percent(basisPoints: 10_000), invoices: 1)
        try desk.redeem("ALL")
        try desk.use(cents: 500)
        let invoice = try desk.raise()
        #expect((invoice.total, invoice.status) == (.zero, .paid))
        #expect(try desk.balance(.unbilled) == 0)
        #expect(try desk.findings == [])
    }

    @Test("gives as credit what the lines come to below nothing")
    func belowNothing() throws {
        let desk = try InvoiceBooks()
        try desk.tax("VAT", 190_000)
        let invoice = try desk.fees([-1500, 1000])
        #expect((invoice.total, invoice.status) == (.zero, .paid))
        #expect(try desk.balance(.credit) == -500)
        #expect(try desk.findings == [])
    }

    @Test("at the threshold leaves use without a price of its own to the plan's period")
    func threshold() throws {
        let desk = try InvoiceBooks()
        try desk.use(micros: 0)
        try desk.use(cents: 100)
        let (threshold, period) = try desk.write { account, db in
            (
                try Invoices.draft(of: account, reason: .threshold, db).usage,
                try Invoices.draft(of: account, reason: .period, db).usage
            )
        }
        #expect(threshold == ["shots": 1])
        #expect(period == ["shots": 2])
        _ = try desk.write { account, db in try Invoices.raise(account, .threshold, at: Books.start, db) }
        let left = try desk.write { account, db in try Invoices.draft(of: account, reason: .period, db)
        }
        #expect(left.open.map(\.unitMicros) == [0])
        #expect(try desk.write { _, db in try Invoices.finalize(left, at: Books.start, db)?.id } == nil)
        #expect(try desk.write { account, db in try UsageTotals.open(of: account, db) } == [])
        #expect(try desk.findings == [])
    }

    @Test(
        "leaves what credit has paid to the next one, but not past a plan's period",
        arguments: [
            Invoices.Reason.usage, .period,
        ]
    )
    func paidByCredit(reason: Invoices.Reason) throws {
        let desk = try InvoiceBooks()
        try desk.grant(100)
        try desk.use(cents: 100)
        let none = try desk.write { account, db in
            try Invoices.finalize(try Invoices.draft(of: account, reason: reason, db), at: Books.start, db)?.id
        }
        #expect(none == nil)
        try desk.use(cents: 3)
        let kinds = try desk.lines(try desk.raise().id).map(\.kind)
        #expect(kinds == (reason == .usage ? ["usage", "usage", "applied"] : ["usage"]))
        #expect(try desk.findings == [])
    }

    @Test("covers the time since the one before")
    func period() throws {
        let desk = try InvoiceBooks()
        try desk.use(cents: 100)
        #expect(try desk.raise(on: 3).period == Books.start..<Books.start.adding(days: 3))
        try desk.use(cents: 100, on: 4)
        #expect(try desk.raise(on: 9).period == Books.start.adding(days: 3)..<Books.start.adding(days: 9))
    }

    @Test("is in the account's own currency, to what can be charged in it", arguments: ["jpy", "kwd", "eur"])
    func currencies(code: String) throws {
        let desk = try InvoiceBooks()
        let currency = try #require(Currency(code))
        _ = try desk.write { account, db in
            try db.run("UPDATE account SET currency = ? WHERE id = ?", code, account)
        }
        try desk.tax("VAT", 190_000)
        try desk.coupon("THIRD", .percent(basisPoints: 3333), invoices: 1)
        try desk.redeem("THIRD")
        try desk.grant(500)
        let invoice = try desk.fees([1000, 770, 1230])
        #expect(invoice.currency == currency && invoice.paid == Cents(500))
        #expect(try desk.lines(invoice.id).allSatisfy { $0.total.value % currency.step == 0 })
        let note = try desk.write { _, db in
            try CreditNotes.issue(invoice.id, .amount(Cents(1010)), reason: "sorry", at: Books.start, db)
        }
        #expect(note.total == Cents(1010) && note.currency == currency)
        #expect(try desk.lines(note.id).allSatisfy { $0.tax.value % currency.step == 0 })
        let house = try desk.books.store.read { db in try Ledger.balance(.tax, in: currency, db).value }
        #expect(house == note.tax.value - invoice.tax.value)
        #expect(try desk.findings == [])
    }

    @Test("shows on a plan's lines which events were priced")
    func planEvidence() throws {
        let desk = try InvoiceBooks()
        for _ in 0..<3 { try desk.use(micros: 0) }
        let line = try desk.write { account, db in
            var draft = try Invoices.draft(of: account, reason: .period, db)
            let item = PlanPrices.Item(name: "shots", meter: "shots", model: .perUnit(UnitPrice(micros: 500_000)))
            let plan = try PlanPrices(currency: .usd, items: [item])
            let period = Books.start..<Books.start.adding(days: 30)
            draft.add(
                try Pricing.lines(of: try draft.usage, under: plan).map {
                    DraftLine($0, meter: "shots", planPriceID: 7, period: period)
                }
            )
            return try #require(draft.lines.first)
        }
        #expect((line.amount, line.unitPrice, line.kind) == (150, UnitPrice(micros: 500_000), "units"))
        #expect(line.evidence?.events == 3 && line.evidence?.ids == 1...3)
    }

    @Test("keeps who bought and who sold as they were")
    func papers() throws {
        let desk = try InvoiceBooks()
        _ = try desk.write { account, db in
            var profile = BillingProfiles.Profile()
            (profile.name, profile.country, profile.taxID, profile.daysToPay) = ("Acme", "DE", "DE123", 30)
            try BillingProfiles.set(profile, of: account, at: Books.start, db)
            try Seller.set(InvoicePapers.Party(name: "Purser Ltd"), at: Books.start, db)
        }
        try desk.tax("VAT", 190_000, country: "DE")
        try desk.tax("TVA", 200_000, country: "FR")
        try desk.tax("Tax", 10_000)
        let invoice = try desk.fees([1000])
        _ = try desk.write { account, db in
            try BillingProfiles.set(BillingProfiles.Profile(name: "Other"), of: account, at: Books.start, db)
        }
        let found = try desk.find(invoice.id)
        #expect(found.papers.buyer.name == "Acme" && found.papers.buyer.taxID == "DE123")
        #expect(found.papers.buyer.email == "person1@example.com")
        #expect(found.papers.seller.name == "Purser Ltd")
        #expect(found.papers.taxes.map(\.name) == ["VAT"])
        #expect(found.dueAt == Books.start.adding(days: 30))
        #expect(try desk.fees([1000]).papers.taxes.map(\.name) == ["Tax"])
        #expect(try desk.findings == [])
    }

    @Test("never changes once it has its number")
    func frozen() throws {
        let desk = try InvoiceBooks()
        _ = try desk.fees([1000])
        #expect(throws: StoreError.self) { try desk.write { _, db in try db.run("UPDATE invoice SET total = 1") } }
        #expect(throws: StoreError.self) { try desk.write { _, db in try db.run("DELETE FROM invoice") } }
        #expect(throws: StoreError.self) { try desk.write { _, db in try db.run("DELETE FROM invoice_line") } }
        #expect(throws: StoreError.self) {
            try desk.write { _, db in try db.run("UPDATE invoice_line SET total = 1, amount = 1") }
        }
    }

    @Test("uses no number up where it cannot be made out")
    func gapless() throws {
        let desk = try InvoiceBooks()
        _ = try desk.fees([1000])
        #expect(throws: PricingFault.self) { try desk.fees([.max, .max]) }
        #expect(try desk.fees([1000]).number == "INV-000002")
        #expect(try desk.findings == [])
    }

    @Test("is a draft for nobody else to see")
    func draftsAreSilent() throws {
        let desk = try InvoiceBooks()
        try desk.use(cents: 100)
        let before = try desk.balance(.unbilled)
        _ = try desk.write { account, db in
            try Invoices.draft(of: account, reason: .usage, db).lines.count
        }
        #expect(try desk.balance(.unbilled) == before)
        #expect(try desk.write { _, db in try Invoices.count(db) } == 0)
    }
}
