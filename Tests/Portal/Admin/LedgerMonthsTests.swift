import Testing

@testable import Portal

@Suite("The ledger by month")
struct LedgerMonthsTests {
    let may = Day(year: 2026, month: 5, day: 31)
    let june = Day(year: 2026, month: 6, day: 1)

    @Test("says where revenue came from and what took it back, and the parts are the ledger's whole")
    func sources() async throws {
        let books = try MoneyBooks()
        let (ann, bob) = (try books.unit.account("ann", plan: "pro"), try books.unit.account("bob"))
        for (cents, debit, credit, reason) in [
            (1_000, Ledger.Side.unbilled, Ledger.Side.revenue, "usage"), (250, .credit, .revenue, "usage"),
            (4_900, .receivable, .revenue, "invoice"), (100, .revenue, .unbilled, "invoice"),
            (1_150, .receivable, .tax, "invoice"), (40, .revenue, .tax, "invoice"),
            (300, .revenue, .credit, "credit note"),
            (60, .credit, .revenue, "credit expired"), (70, .revenue, .cash, "refund"),
        ] as [(Int64, Ledger.Side, Ledger.Side, String)] {
            try books.post(cents, debit, credit, reason, ann.account, on: may)
        }
        try books.post(5_000, .cash, .receivable, "payment", ann.account, on: june)
        try books.post(900, .disputed, .cash, "dispute", ann.account, on: june)
        try books.post(400, .loss, .disputed, "dispute", ann.account, on: june)
        try books.post(30, .promotion, .credit, "credit granted", bob.account, on: june)
        try books.post(9_000, .unbilled, .revenue, "usage", bob.account, on: june)
        let usd = try #require(try await books.report(months: 2, on: june).first)
        let (old, new) = (usd.months[0], usd.months[1])
        #expect(old.revenue.usage.text == "11.50")
        #expect(old.revenue.plans.text == "49.00")
        #expect(old.revenue.breakage.text == "0.60")
        #expect(old.revenue.creditNotes.text == "-3.00")
        #expect(old.revenue.refunds.text == "-0.70")
        #expect(old.revenue.taxes.text == "-0.40")
        #expect(old.revenue.total.text == "57.00")
        #expect((old.refunded.text, old.tax.text, old.collected.text) == ("0.70", "11.90", "0.00"))
        #expect((new.collected.text, new.disputed.text, new.lost.text) == ("50.00", "9.00", "4.00"))
        #expect((new.promotion.text, new.revenue.total.text) == ("0.30", "90.00"))
        #expect(old.byPlan.map { [$0.plan, $0.revenue.text] } == [["pro", "57.00"]])
        #expect(new.byPlan.map { [$0.plan, $0.revenue.text] } == [["enterprise", "90.00"]])
        #expect(usd.topAccounts.map(\.account) == [bob.account, ann.account])
        #expect(usd.topAccounts.map(\.revenue.text) == ["90.00", "57.00"])
        #expect((usd.unbilled.text, usd.creditLiability.text) == ("99.00", "0.20"))
        let whole = try books.store.read { db in try Ledger.balance(.revenue, in: .usd, db) }
        #expect(-whole.value == 5_700 + 9_000)
    }

    @Test("adds up each entry once, however many slices there are and however often it is asked")
    func slices() async throws {
        let books = try MoneyBooks()
        let owner = try books.unit.account("ann")
        let (account, count, day) = (owner.account, LedgerMonths.slice + 7, may)
        try books.store.writeBlocking { db in
            for _ in 0..<count {
                let entry = Ledger.Entry(
                    accountID: account,
                    debit: .unbilled,
                    credit: .revenue,
                    amount: Cents(1),
                    reason: "usage",
                    postedAt: Timestamp(day: day)
                )
                try Ledger.post(entry, db)
            }
        }
        for _ in 0..<2 {
            let usd = try #require(try await books.report(months: 2, on: june).first)
            #expect(usd.months[0].revenue.total.text == "40.07")
            #expect(try books.findings.isEmpty)
        }
    }

    @Test("is told by the check of the books when a sum is not that of its entries")
    func check() async throws {
        let books = try MoneyBooks()
        let owner = try books.unit.account("ann")
        try books.post(100, .unbilled, .revenue, "usage", owner.account, on: may)
        try await LedgerMonths.catchUp(books.store)
        #expect(try books.findings.isEmpty)
        let damages: [(StaticString, undo: StaticString)] = [
            ("UPDATE ledger_month SET amount = amount + 1", undo: "UPDATE ledger_month SET amount = amount - 1"),
            ("UPDATE revenue_month SET amount = amount + 1", undo: "UPDATE revenue_month SET amount = amount - 1"),
        ]
        for (damage, undo) in damages {
            try books.store.writeBlocking { db in try db.run(damage) }
            #expect(try books.findings == ["the ledger's sums of 2026-05 are not those of its entries"])
            try books.store.writeBlocking { db in try db.run(undo) }
        }
        #expect(try books.findings.isEmpty)
    }
}
