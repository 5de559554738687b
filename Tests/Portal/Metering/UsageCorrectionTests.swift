import Storage
import Testing
import Web

@testable import Portal

@Suite("A use that is put right")
struct UsageCorrectionTests {
    let books: Books
    let owner: (account: Int64, key: Int64)

    init() throws {
        books = try Books()
        owner = try books.account(1)
    }

    private func use(_ quantity: Int64, micros: Int64 = 3_000_000, _ backend: String = "ibm_torino") throws -> Int64 {
        let (account, key) = owner
        return try books.write { db in
            var batch = UsageBatch(
                accountID: account,
                keyID: key,
                usageMicros: try Accounts.usageMicros(of: account, db),
                now: Books.start,
                threshold: Cents(300_000_00),
                meterReports: nil
            )
            let event = UsageEvent(
                meter: .shots,
                backend: Backend(known: backend),
                quantity: quantity,
                price: Prices.Price(unitMicros: micros, isSimulator: false),
                occurredAt: Books.start
            )
            let id = try batch.add(event, db)
            try batch.finish(db)
            return id ?? 0
        }
    }

    private func correct(_ id: Int64, to quantity: Int64) throws -> UsageCorrection.Outcome {
        try books.write { db in
            try UsageCorrection(
                eventID: id,
                kind: quantity == 0 ? .void : .amend,
                quantity: quantity,
                reason: "a test",
                madeBy: "shell",
                now: Books.start.adding(days: 1)
            ).apply(db)
        }
    }

    private func raise() throws -> Invoices.Invoice {
        let account = owner.account
        return try books.write { db in
            let id = try #require(try Invoices.raise(account, at: Books.start.adding(days: 1), db))
            return try #require(try Invoices.find(id: id, db))
        }
    }

    private func verification(_ invoice: Invoices.Invoice) throws -> InvoiceVerification {
        try books.store.read { db in try InvoiceVerification(try #require(try Invoices.find(id: invoice.id, db)), db) }
    }

    @Test("before its invoice, is billed as it should have been from the start")
    func open() throws {
        let wrong = try use(100)
        _ = try use(10)
        #expect(try correct(wrong, to: 40).note == nil)
        #expect(try books.balance(.unbilled, of: owner.account) == 150_00)
        let invoice = try raise()
        #expect(invoice.total == Cents(150_00))
        #expect(try verification(invoice).differences == [])
        #expect(try books.findings == [])
    }

    @Test("gives back what credit had paid for it")
    func credited() throws {
        let account = owner.account
        try books.write { db in
            _ = try CreditGrants.give(
                Cents(10_00),
                kind: .promotion,
                name: "a gift",
                to: account,
                at: Books.start,
                db
            )
        }
        let wrong = try use(2)
        #expect(try books.balance(.credit, of: account) == -4_00)
        _ = try correct(wrong, to: 0)
        #expect(try books.balance(.credit, of: account) == -10_00)
        #expect(try books.findings == [])
    }

    @Test("after its invoice, gets a credit note for what was too much, and the invoice stays as it is")
    func closedDown() throws {
        let wrong = try use(100)
        _ = try use(10, "ionq_forte")
        let invoice = try raise()
        let outcome = try correct(wrong, to: 90)
        #expect(outcome.note == "CN-000001")
        #expect(try books.balance(.receivable, of: owner.account) == 300_00)
        #expect(try correct(wrong, to: 0).note == "CN-000002")
        #expect(try books.balance(.receivable, of: owner.account) == 30_00)
        #expect(try verification(invoice).differences == [])
        #expect(try books.findings == [])
    }

    @Test("after its invoice, gets a further one for what was too little")
    func closedUp() throws {
        let wrong = try use(100)
        let invoice = try raise()
        let number = try #require(try correct(wrong, to: 101).note)
        let further = try books.store.read { db in try #require(try Invoices.find(number: number, db)) }
        #expect(further.total == Cents(3_00) && further.correctsID == invoice.id)
        #expect(try books.balance(.receivable, of: owner.account) == 303_00)
        #expect(try verification(invoice).differences == [] && verification(further).differences == [])
        #expect(try books.findings == [])
    }

    @Test("after its invoice was paid, becomes credit")
    func paid() throws {
        let account = owner.account
        let wrong = try use(100)
        _ = try raise()
        try books.write { db in
            let moment = Books.start.adding(days: 2)
            try Payments.receive(Cents(300_00), .usd, from: account, providerID: "pi_1", at: moment, db)
        }
        _ = try correct(wrong, to: 99)
        #expect(try books.balance(.credit, of: account) == -3_00)
        #expect(try books.findings == [])
    }

    @Test("on an invoice that credit had paid part of before, gives the rest back as credit")
    func partlyCredited() throws {
        let account = owner.account
        try books.write { db in
            _ = try CreditGrants.give(
                Cents(200_00),
                kind: .promotion,
                name: "a gift",
                to: account,
                at: Books.start,
                db
            )
        }
        let wrong = try use(100)
        let invoice = try raise()
        #expect(invoice.total == Cents(100_00))
        #expect(try correct(wrong, to: 0).note == "CN-000001")
        #expect(try books.balance(.receivable, of: account) == 0)
        #expect(try books.balance(.credit, of: account) == -200_00)
        #expect(try books.findings == [])
    }

    @Test("on a voided invoice, is put right on the one that asks again")
    func voided() throws {
        let wrong = try use(100)
        let first = try raise()
        try books.write { db in try Invoices.void(first.id, at: Books.start.adding(days: 1), db) }
        #expect(try correct(wrong, to: 50).note == nil)
        let again = try raise()
        #expect(again.total == Cents(150_00))
        #expect(try verification(again).differences == [])
        #expect(try books.findings == [])
    }

    @Test("counts in the month's quota as it should have")
    func quota() throws {
        let wrong = try use(100)
        _ = try correct(wrong, to: 1)
        let account = owner.account
        let month = try books.store.read { db in
            try UsageRollups.month(Books.start.month, .shots, of: account, db).quantity
        }
        #expect(month == 1)
    }

    @Test("once voided stays so, and an amendment has to change something")
    func refusals() throws {
        let wrong = try use(100)
        #expect(throws: Failure.self) { _ = try correct(wrong, to: 100) }
        _ = try correct(wrong, to: 0)
        #expect(throws: Failure.self) { _ = try correct(wrong, to: 5) }
        #expect(throws: Failure.self) { _ = try correct(999, to: 5) }
    }

    @Test("in any order and number leaves the books in balance and every invoice verifiable", arguments: [1, 2, 3, 4])
    func sequences(seed: UInt64) throws {
        print("corrections: seed \(seed)")
        var numbers = SeededNumbers(seed: seed)
        var events: [Int64] = []
        var invoices: [Invoices.Invoice] = []
        for _ in 0..<120 {
            switch Int.random(in: 0..<10, using: &numbers) {
            case 0..<5:
                let micros = [1_000, 3_000_000, 4_999][Int.random(in: 0..<3, using: &numbers)]
                let backend = ["ibm_torino", "aws_sv1"][Int.random(in: 0..<2, using: &numbers)]
                events.append(try use(Int64.random(in: 0..<50, using: &numbers), micros: Int64(micros), backend))
            case 5..<9:
                guard let id = events.randomElement(using: &numbers) else { continue }
                // Voided before, or nothing changed: refused, and nothing else.
                _ = try? correct(id, to: Int64.random(in: 0..<60, using: &numbers))
            default:
                if try books.balance(.unbilled, of: owner.account) > 0 { invoices.append(try raise()) }
            }
        }
        #expect(try books.findings == [])
        for invoice in invoices { #expect(try verification(invoice).differences == [], "\(invoice.number ?? "")") }
    }
}
