import Storage
import Testing

@testable import Portal

/// A store with one account, and what invoices need beside it.
struct InvoiceBooks {
    let books: Books
    let owner: (account: Int64, key: Int64)

    init() throws {
        books = try Books()
        owner = try books.account(1)
    }

    var account: Int64 { owner.account }

    func write<Result: Sendable>(_ body: @escaping @Sendable (Int64, borrowing Database) throws -> Result) throws
        -> Result
    {
        let account = owner.account
        return try books.write { db in try body(account, db) }
    }

    /// A use of so many cents' worth, odd and even amounts on backends of their own.
    func use(cents: Int64, on day: Int = 0) throws {
        try use(micros: cents * 10_000, on: day)
    }

    func use(micros: Int64, on day: Int = 0) throws {
        try books.use(micros, by: owner, threshold: Cents(.max), at: Books.start.adding(days: day))
    }

    func raise(on day: Int = 0) throws -> Invoices.Invoice {
        try #require(try raiseIfUsed(on: day))
    }

    /// Nil where nothing is unbilled.
    func raiseIfUsed(on day: Int) throws -> Invoices.Invoice? {
        let now = Books.start.adding(days: day)
        return try write { account, db in
            try Invoices.raise(account, at: now, db).flatMap { try Invoices.find(id: $0, db) }
        }
    }

    /// What is unbilled, and fees.
    func fees(_ amounts: [Int64], _ reason: Invoices.Reason = .period, on day: Int = 0) throws -> Invoices.Invoice {
        try #require(try feesIfAny(amounts, reason, on: day))
    }

    /// Nil where nothing is asked for.
    func feesIfAny(_ amounts: [Int64], _ reason: Invoices.Reason, on day: Int) throws -> Invoices.Invoice? {
        let now = Books.start.adding(days: day)
        return try write { account, db in
            var draft = try Invoices.draft(of: account, reason: reason, description: "Plan", db)
            let currency = draft.currency
            draft.add(
                amounts.enumerated().map { index, amount in
                    DraftLine(.manual, "Fee \(index)", Money(amount, currency), postedAs: .revenue)
                }
            )
            return try Invoices.finalize(draft, at: now, db)
        }
    }

    func pay(_ cents: Int64, _ id: String) throws {
        _ = try write { account, db in
            _ = try Payments.receive(Cents(cents), .usd, from: account, providerID: id, at: Books.start, db)
        }
    }

    func grant(_ cents: Int64) throws {
        _ = try write { account, db in
            try CreditGrants.give(Cents(cents), kind: .promotion, name: "gift", to: account, at: Books.start, db)
        }
    }

    func tax(_ name: String, _ millionths: Int64, inclusive: Bool = false, country: String = "") throws {
        _ = try write { _, db in
            let rate = TaxRate(name: name, millionths: millionths, isInclusive: inclusive)
            return try TaxRates.insert(TaxRates.New(rate: rate, country: country, isDefault: true), at: Books.start, db)
        }
    }

    func coupon(
        _ code: String,
        _ reduction: Discount.Reduction,
        invoices: Int64? = nil,
        mostAccounts: Int64? = nil,
        validUntil: Timestamp? = nil
    ) throws {
        _ = try write { _, db in
            let coupon = Coupons.New(
                code: code,
                name: "Coupon \(code)",
                reduction: reduction,
                invoices: invoices,
                mostAccounts: mostAccounts,
                validUntil: validUntil
            )
            return try Coupons.insert(coupon, at: Books.start, db)
        }
    }

    func redeem(_ code: String, on day: Int = 0) throws {
        let now = Books.start.adding(days: day)
        _ = try write { account, db in try Coupons.redeem(code, account, at: now, db).id }
    }

    func find(_ id: Int64) throws -> Invoices.Invoice {
        try #require(try books.store.read { db in try Invoices.find(id: id, db) })
    }

    func lines(_ id: Int64) throws -> [InvoiceLines.Line] {
        try books.store.read { db in try InvoiceLines.of(id, db) }
    }

    func balance(_ side: Ledger.Side) throws -> Int64 { try books.balance(side, of: owner.account) }

    var findings: [String] { get throws { try books.findings } }
}
