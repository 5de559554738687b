import Testing

@testable import Portal

@Suite("Recurring revenue")
struct RecurringRevenueTests {
    let may = Day(year: 2026, month: 5, day: 10)
    let june = Day(year: 2026, month: 6, day: 10)
    let july = Day(year: 2026, month: 7, day: 10)

    @Test("counts each interval's fees exactly, and use of plans' meters not at all")
    func intervals() async throws {
        let books = try MoneyBooks()
        let prices = [
            try books.price("m", 4_900), try books.price("y", 47_000, "year"), try books.price("w", 100, "week"),
        ]
        for (number, price) in prices.enumerated() {
            let owner = try books.unit.account("a\(number)")
            _ = try books.start(owner.account, price, on: may)
        }
        let usd = try #require(try await books.report(on: june).first)
        // 12 × 49.00 + 470.00 + 52 × 1.00.
        #expect(usd.arr.text == "1110.00")
        #expect(usd.mrr.text == "92.50")
        #expect(usd.customers == 3)
        #expect(usd.plans.map(\.plan) == ["m", "y", "w"])
    }

    @Test("takes off what the accounts' coupons take off, one after the other")
    func coupons() async throws {
        let books = try MoneyBooks()
        let price = try books.price("m", 10_000)
        let (ann, bob) = (try books.unit.account("ann"), try books.unit.account("bob"))
        for account in [ann.account, bob.account] { _ = try books.start(account, price, on: may) }
        let (day, account) = (may, ann.account)
        try books.store.writeBlocking { db in
            let now = Timestamp(day: day)
            for (code, reduction, invoices) in [
                ("TEN", Discount.Reduction.percent(basisPoints: 1_000), Int64?.none),
                ("FIVE", .amount(Money(500, .usd)), 1), ("SPENT", .percent(basisPoints: 5_000), 1),
            ] {
                _ = try Coupons.insert(
                    Coupons.New(
                        code: code,
                        name: code,
                        reduction: reduction,
                        invoices: invoices,
                        mostAccounts: nil,
                        validUntil: nil
                    ),
                    at: now,
                    db
                )
                try Coupons.redeem(code, account, at: now, db)
            }
            let spent: Int64 = try db.value("SELECT id FROM coupon WHERE code = 'SPENT'") ?? 0
            try AccountCoupons.use(spent, by: account, db)
        }
        let usd = try #require(try await books.report(on: june).first)
        #expect(usd.discounts.text == "15.00")
        #expect(usd.mrr.text == "185.00")
        #expect(usd.months.last?.mrr.closing.text == "200.00")
    }

    @Test("tells who is new, back, pays more, pays less and has gone, and rolls back to what there was")
    func moves() async throws {
        let books = try MoneyBooks()
        let (small, big) = (try books.price("small", 1_900), try books.price("big", 9_900))
        let accounts = try (0..<4).map { try books.unit.account("a\($0)").account }
        let first = try books.start(accounts[0], small, on: may)
        let second = try books.start(accounts[1], big, on: may)
        let third = try books.start(accounts[2], big, on: may)
        try books.step(first, "upgraded", small, big, on: june)
        // A renewal tells of the same new price again.
        try books.step(first, "renewed", small, big, on: june)
        try books.step(second, "downgraded", big, small, on: june)
        try books.step(third, "canceled", big, nil, on: june)
        _ = try books.start(accounts[3], small, on: june)
        _ = try books.start(accounts[2], small, on: july)
        let usd = try #require(try await books.report(months: 3, on: july).first)
        let moved = usd.months.map(\.mrr)
        #expect(usd.months.map(\.month) == ["2026-05", "2026-06", "2026-07"])
        #expect(moved.map(\.opening.text) == ["0.00", "217.00", "137.00"])
        #expect(moved.map(\.new.text) == ["217.00", "19.00", "0.00"])
        #expect(moved.map(\.reactivated.text) == ["0.00", "0.00", "19.00"])
        #expect(moved.map(\.expansion.text) == ["0.00", "80.00", "0.00"])
        #expect(moved.map(\.contraction.text) == ["0.00", "80.00", "0.00"])
        #expect(moved.map(\.churned.text) == ["0.00", "99.00", "0.00"])
        #expect(moved.map(\.closing.text) == ["217.00", "137.00", "156.00"])
        let customers = usd.months.map(\.customers)
        #expect(customers.map(\.opening) == [0, 3, 3])
        #expect(customers.map(\.closing) == [3, 3, 4])
        #expect(usd.months.map(\.customerChurn) == [0, 33.33, 0])
        // 99 + 80 of 217.
        #expect(usd.months.map(\.revenueChurn) == [0, 82.49, 0])
        #expect(usd.mrr.text == "156.00")
    }

    @Test("counts a trial when it has become one that pays")
    func trials() async throws {
        let books = try MoneyBooks()
        let (small, big) = (try books.price("small", 1_900), try books.price("big", 9_900))
        let (ann, bob) = (try books.unit.account("ann"), try books.unit.account("bob"))
        let stays = try books.start(ann.account, small, on: may, trialUntil: june)
        let goes = try books.start(bob.account, small, on: may, trialUntil: june)
        let before = try #require(try await books.report(months: 2, on: may).first)
        #expect((before.mrr.text, before.trialing, before.customers) == ("0.00", 2, 0))
        try books.step(stays, "upgraded", small, big, on: june)
        try books.step(stays, "trial_ended", small, big, on: june)
        try books.step(goes, "canceled", small, nil, on: june)
        let after = try #require(try await books.report(months: 2, on: june).first)
        #expect(after.months.map(\.mrr.new.text) == ["0.00", "99.00"])
        #expect(after.months.allSatisfy { $0.mrr.churned.text == "0.00" && $0.mrr.expansion.text == "0.00" })
        #expect(after.months.map(\.mrr.opening.text) == ["0.00", "0.00"])
        #expect(after.customers == 1)
    }

    @Test("keeps currencies apart, and leaves test accounts out")
    func currencies() async throws {
        let books = try MoneyBooks()
        let (dollars, yen) = (try books.price("m", 1_000), try books.price("m", 150_000, currency: "jpy"))
        let (ann, bob, eve) = (
            try books.unit.account("ann"), try books.unit.account("bob"), try books.unit.account("eve")
        )
        for (account, price) in [(ann.account, dollars), (bob.account, yen), (eve.account, dollars)] {
            _ = try books.start(account, price, on: may)
        }
        let tester = eve.account
        try books.store.writeBlocking { db in
            try db.run("UPDATE account SET test_clock_at = 0 WHERE id = ?", tester)
        }
        try books.post(700, .unbilled, .revenue, "usage", tester, on: may)
        let reports = try await books.report(on: june)
        #expect(reports.map(\.currency.code) == ["usd", "jpy"])
        #expect(reports.map(\.mrr.text) == ["10.00", "1500"])
        #expect(reports[0].unbilled.text == "0.00")
        #expect(try books.findings.isEmpty)
    }
}
