import Storage
import Testing
import Web

@testable import Portal

@Suite("The ledger, against a model")
struct LedgerPropertyTests {
    static let threshold = Cents(50_00)

    /// Three accounts, so that what belongs to one cannot hide with another.
    @Test("agrees after every step of any story", arguments: [UInt64.random(in: 0 ..< .max), 1, 2, 3])
    func story(seed: UInt64) throws {
        print("The ledger's story has the seed \(seed).")
        var numbers = SeededNumbers(seed: seed)
        let books = try Books()
        let owners = try (1...3).map { try books.account($0) }
        var models = owners.map { _ in LedgerModel() }
        for step in 0..<400 {
            let who = Int.random(in: 0..<3, using: &numbers)
            let now = Books.start.adding(seconds: Int64(step) * 3600)
            try advance(&models[who], owners[who], books, "\(seed)-\(who)", at: now, &numbers)
            let account = owners[who].account
            let model = models[who]
            try #require(try books.balance(.credit, of: account) == -model.credit, "seed \(seed), step \(step)")
            try #require(try books.balance(.unbilled, of: account) == model.unbilled, "seed \(seed), step \(step)")
            try #require(try books.balance(.receivable, of: account) == model.receivable, "seed \(seed), step \(step)")
            try #require(try invoices(of: account, books) == model.invoices, "seed \(seed), step \(step)")
        }
        #expect(try books.balance(.cash, of: 0) == models.reduce(0) { $0 + $1.cash })
        #expect(try books.findings == [], "seed \(seed)")
        #expect(models.contains { !$0.payments.isEmpty && !$0.invoices.isEmpty })
    }

    private func advance(
        _ model: inout LedgerModel,
        _ owner: (account: Int64, key: Int64),
        _ books: Books,
        _ name: String,
        at now: Timestamp,
        _ numbers: inout SeededNumbers
    ) throws {
        let account = owner.account
        switch Int.random(in: 0..<12, using: &numbers) {
        case 0:
            let amount = Int64.random(in: 0...2000, using: &numbers)
            try books.write { db in
                try CreditGrants.give(Cents(amount), kind: .promotion, name: "gift", to: account, at: now, db)
            }
            model.credit += amount
        case 1...5:
            // Mostly odd fractions of a cent; sometimes beyond the threshold at once.
            let most: Int64 = Bool.random(using: &numbers) ? 20_000 : 60_000_000
            let micros = Int64.random(in: 0...most, using: &numbers)
            try books.use(micros, by: owner, threshold: Self.threshold, at: now)
            model.use(micros, threshold: Self.threshold.value)
        case 6:
            try books.write { db in try Invoices.raise(account, at: now, db) }
            model.raise()
        case 7 where !model.invoices.isEmpty:
            let index = model.invoices.indices.randomElement(using: &numbers) ?? 0
            let isVoided = model.void(index)
            let result = Result {
                try books.write { db in
                    let id: Int64? = try db.value(
                        "SELECT id FROM invoice WHERE account_id = ? ORDER BY id LIMIT 1 OFFSET ?",
                        account,
                        index
                    )
                    try Invoices.void(id ?? 0, at: now, db)
                }
            }
            #expect(((try? result.get()) != nil) == isVoided)
        case 8, 9:
            let amount = Int64.random(in: 1...9000, using: &numbers)
            let id = "pi_\(name)_\(model.payments.count)"
            // Reported twice, as it happens.
            for _ in 0..<2 {
                try books.write { db in
                    try Payments.receive(Cents(amount), .usd, from: account, providerID: id, at: now, db)
                }
            }
            model.pay(amount)
        case 10,
            11 where !model.payments.isEmpty:
            guard let index = model.payments.indices.randomElement(using: &numbers) else { return }
            let sum = Int64.random(in: 0...(model.payments[index].amount + 10), using: &numbers)
            try books.refund(upTo: sum, of: "pi_\(name)_\(index)", at: now)
            model.refund(index, upTo: sum)
        default: break
        }
    }

    private func invoices(of account: Int64, _ books: Books) throws -> [LedgerModel.Invoice] {
        try books.store.read { db in
            try db.all(
                "SELECT total, paid, status = 'void', status = 'paid' FROM invoice WHERE account_id = ? ORDER BY id",
                account
            ) { row in
                let invoice = LedgerModel.Invoice(total: row[0], paid: row[1], isVoid: row[2])
                #expect(row[3] == (invoice.paid == invoice.total))
                return invoice
            }
        }
    }
}
