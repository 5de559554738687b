import Storage
import Testing
import Web

@testable import Portal

@Suite("Credit grants")
struct CreditGrantsTests {
    let books: Books
    let owner: (account: Int64, key: Int64)
    private let start = Books.start

    init() throws {
        books = try Books()
        owner = try books.account(1)
    }

    @discardableResult
    private func give(
        _ amount: Int64,
        _ kind: CreditGrants.Kind = .promotion,
        priority: Int64? = nil,
        expires days: Int? = nil,
        payment: String? = nil
    ) throws -> Int64 {
        let (account, start) = (owner.account, start)
        return try require(
            try books.write { db in
                if kind != .promotion {
                    let entry = Ledger.Entry(
                        accountID: account,
                        debit: .revenue,
                        credit: .credit,
                        amount: Cents(amount),
                        reason: "test",
                        postedAt: start
                    )
                    try Ledger.post(entry, db)
                }
                return try CreditGrants.give(
                    Cents(amount),
                    kind: kind,
                    name: "\(kind)",
                    to: account,
                    priority: priority,
                    expiresAt: days.map { start.adding(days: $0) },
                    providerID: payment,
                    at: start,
                    db
                )
            }
        )
    }

    private func spend(_ cents: Int64) throws {
        try books.use(cents * 10_000, by: owner, threshold: Cents(1_000_000_00), at: start)
    }

    private func expire(after days: Int) throws {
        let moment = start.adding(days: days)
        try books.write { db in _ = try CreditGrants.expireDue(at: moment, db) }
    }

    /// By id.
    private var remaining: [Int64] {
        get throws {
            try books.store.read { [owner] db in
                try CreditGrants.list(of: owner.account, before: .max, limit: 100, db).reversed().map(\.remaining.value)
            }
        }
    }

    private func balance(_ side: Ledger.Side) throws -> Int64 { try books.balance(side, of: owner.account) }

    @Test("are spent by priority, then what expires first, then what came first")
    func order() throws {
        try give(100)
        try give(100)
        try give(100, expires: 9)
        try give(100, expires: 5)
        try give(100, priority: 10)
        try spend(150)
        #expect(try remaining == [100, 100, 100, 50, 0])
        try spend(200)
        #expect(try remaining == [50, 100, 0, 0, 0])
        #expect(try books.findings == [])
    }

    @Test("keep what was paid for until gifts are spent")
    func giftsFirst() throws {
        try give(100, .paid, payment: "pi_1")
        try give(100)
        try spend(120)
        #expect(try remaining == [80, 0])
    }

    @Test("are not touched by recording a use, and are right all the same")
    func lazily() throws {
        try give(100)
        try spend(30)
        let written: Int64? = try books.store.read { db in try db.value("SELECT remaining FROM credit_grant") }
        #expect(written == 100)
        #expect(try remaining == [70])
        try give(50, priority: 1)
        #expect(try remaining == [70, 50])
    }

    @Test("give back to promotions what expired of gifts, and keep what expired of payments")
    func expiry() throws {
        try give(100, expires: 5)
        try give(100, .paid, expires: 5, payment: "pi_1")
        try give(100)
        try spend(40)
        try expire(after: 4)
        #expect(try balance(.credit) == -260)
        try expire(after: 5)
        try expire(after: 6)
        #expect(try remaining == [0, 0, 100])
        #expect(try balance(.credit) == -100)
        #expect(try balance(.promotion) == 140)
        #expect(try balance(.revenue) == -40)
        #expect(try books.findings == [])
    }

    @Test("expire by a test account's own clock")
    func testClock() throws {
        try give(100, expires: 5)
        let (account, start) = (owner.account, start)
        try books.write { db in
            try db.run("UPDATE account SET test_clock_at = ?", start.adding(days: 1).milliseconds)
            #expect(try CreditGrants.expireDue(at: start.adding(days: 30), db) == false)
            #expect(try Ledger.credit(of: account, db) == Cents(100))
            try db.run("UPDATE account SET test_clock_at = ?", start.adding(days: 8).milliseconds)
            try CreditGrants.expireDue(of: account, at: start, db)
        }
        #expect(try remaining == [0])
        #expect(try books.findings == [])
    }

    @Test("are taken back as far as they are left when their payment is refunded")
    func takenBack() throws {
        try give(50)
        try give(100, .paid, payment: "pi_1")
        try give(100, .paid, payment: "pi_2")
        try spend(90)
        let (account, start) = (owner.account, start)
        let taken = try books.write { db in
            let taken = try CreditGrants.takeBack(Cents(80), ofPayment: "pi_1", db)
            let entry = Ledger.Entry(
                accountID: account,
                debit: .credit,
                credit: .cash,
                amount: taken,
                reason: "refund",
                postedAt: start
            )
            try Ledger.post(entry, db)
            return taken
        }
        #expect(taken == Cents(60))
        #expect(try remaining == [0, 0, 100])
        let nothing = try books.write { db in try CreditGrants.takeBack(Cents(80), ofPayment: "pi_3", db) }
        #expect(nothing == .zero)
        #expect(try books.store.read { db in try CreditGrants.check(db) } == [])
    }

    @Test("are voided once, unless they were paid for")
    func voided() throws {
        let gift = try give(100)
        let paid = try give(100, .paid, payment: "pi_1")
        try spend(30)
        let start = start
        let before = try books.write { db in try CreditGrants.void(gift, at: start, db) }
        #expect(before.remaining == Cents(70))
        #expect(try balance(.promotion) == 30)
        for (id, code) in [(gift, "credit_is_spent"), (paid, "credit_was_paid"), (99, "not_found")] {
            let failure = #expect(throws: Failure.self) {
                try books.write { db in _ = try CreditGrants.void(id, at: start, db) }
            }
            #expect(failure?.code == code)
        }
        #expect(try books.findings == [])
    }

    @Test("are missed where credit has none behind it")
    func bareCredit() throws {
        let (account, start) = (owner.account, start)
        try books.write { db in
            let entry = Ledger.Entry(
                accountID: account,
                debit: .promotion,
                credit: .credit,
                amount: Cents(5),
                reason: "test",
                postedAt: start
            )
            try Ledger.post(entry, db)
        }
        #expect(try books.findings == ["account \(account) has more credit than its grants say"])
    }

    @Test("agree with a pencil after every step of any story")
    func story() throws {
        var dice = SeededDice(for: "Credit grants")
        for _ in 0..<6 { try tell(&dice) }
    }

    private func tell(_ dice: inout SeededDice) throws {
        let books = try Books()
        let owner = try books.account(1)
        let account = owner.account
        var model = GrantModel()
        var payments = 0
        for step in 0..<120 {
            let now = Books.start.adding(seconds: Int64(step) * 7200)
            switch dice.roll(0...9) {
            case 0...2:
                let (amount, priority) = (Int64(dice.roll(1...300)), Int64(dice.pick([10, 50, 50, 70])))
                let end = dice.roll(0...2) == 0 ? nil : now.adding(seconds: Int64(dice.roll(1...80)) * 3600)
                let payment: String? = dice.roll(0...2) == 0 ? "pi_\(payments)" : nil
                payments += 1
                let id = try books.write { db in
                    if let payment {
                        let entry = Ledger.Entry(
                            accountID: account,
                            debit: .revenue,
                            credit: .credit,
                            amount: Cents(amount),
                            reason: payment,
                            postedAt: now
                        )
                        try Ledger.post(entry, db)
                    }
                    return try CreditGrants.give(
                        Cents(amount),
                        kind: payment == nil ? .promotion : .note,
                        name: "step \(step)",
                        to: account,
                        priority: priority,
                        expiresAt: end,
                        providerID: payment,
                        at: now,
                        db
                    )
                }
                model.grants.append(
                    GrantModel.Grant(
                        id: try require(id),
                        priority: priority,
                        expiresAt: end?.milliseconds,
                        isPaid: payment != nil,
                        payment: payment,
                        remaining: amount
                    )
                )
            case 3...6:
                let amount = Int64(dice.roll(1...120))
                try books.use(amount * 10_000, by: owner, threshold: Cents(1_000_000_00), at: now)
                model.spend(amount)
            case 7, 8:
                try books.write { db in _ = try CreditGrants.expireDue(at: now, db) }
                model.expire(at: now.milliseconds)
            default:
                let payment = "pi_\(dice.roll(0...max(0, payments)))"
                let amount = Int64(dice.roll(1...200))
                let taken = try books.write { db in
                    let taken = try CreditGrants.takeBack(Cents(amount), ofPayment: payment, db)
                    if taken > .zero {
                        let entry = Ledger.Entry(
                            accountID: account,
                            debit: .credit,
                            credit: .revenue,
                            amount: taken,
                            reason: "given back",
                            postedAt: now
                        )
                        try Ledger.post(entry, db)
                    }
                    return taken
                }
                try #require(taken.value == model.takeBack(amount, of: payment), "seed \(dice.seed), step \(step)")
            }
            let kept = try books.store.read { db in
                try CreditGrants.list(of: account, before: .max, limit: 200, db)
            }
            let expected = Dictionary(uniqueKeysWithValues: model.grants.map { ($0.id, $0.remaining) })
            let found = Dictionary(uniqueKeysWithValues: kept.map { ($0.id, $0.remaining.value) })
            try #require(found == expected, "seed \(dice.seed), step \(step)")
            try #require(try books.balance(.credit, of: account) == -model.credit, "seed \(dice.seed), step \(step)")
        }
        #expect(try books.findings == [], "seed \(dice.seed)")
    }
}
