import Outbound
import Storage
import Testing
import Web

@testable import Portal

@Suite("A mail about an invoice")
struct InvoiceMailTests {
    private func waiting(_ books: InvoiceBooks) throws -> [(to: String, news: String)] {
        try books.books.store.read { db in
            try OutboxRows.waiting(.mail, atMost: 100, db).map {
                ($0.payload["to"]?.string ?? "", $0.payload["news"]?.string ?? "")
            }
        }
    }

    private func letter(_ news: InvoiceMail.News, _ id: Int64, _ books: InvoiceBooks) throws -> Letter {
        let record = try #require(
            try books.books.store.read { db in try InvoiceRecord.find(id, at: Books.start, db) }
        )
        return InvoiceMail.letter(news, record, "https://purser.example/i/x", canPay: true)
    }

    @Test("is queued as which invoice it is, for the members who may pay")
    func issued() throws {
        let books = try InvoiceBooks()
        let invoice = try books.fees([49_00])
        let mails = try waiting(books)
        #expect(mails.map(\.to) == ["person1@example.com"])
        #expect(mails.map(\.news) == ["issued"])
        let letter = try letter(.issued, invoice.id, books)
        #expect(letter.subject == "Invoice INV-000001: USD 49.00, due 29 March 2026")
        #expect(letter.parts.contains(.link("See and pay the invoice", url: "https://purser.example/i/x")))
        #expect(letter.parts.contains(.text("USD 49.00 is due on 29 March 2026.")))
    }

    @Test("goes to the address of the billing profile, where there is one")
    func profile() throws {
        let books = try InvoiceBooks()
        _ = try books.write { account, db in
            let profile = BillingProfiles.Profile(email: "bills@example.com")
            try BillingProfiles.set(profile, of: account, at: Books.start, db)
        }
        _ = try books.fees([49_00])
        #expect(try waiting(books).map(\.to) == ["bills@example.com"])
    }

    @Test("says what credit has covered, and no receipt follows where that was all")
    func covered() throws {
        let books = try InvoiceBooks()
        try books.grant(60_00)
        let first = try books.fees([49_00])
        #expect(try waiting(books).map(\.news) == ["issued"])
        #expect(try letter(.issued, first.id, books).subject == "Invoice INV-000001: USD 49.00")
        #expect(try letter(.issued, first.id, books).parts.contains(.text("There is nothing left to pay.")))
        let second = try books.fees([49_00])
        let letter = try letter(.issued, second.id, books)
        #expect(letter.parts.contains(.text("USD 38.00 of it is left to pay by 29 March 2026.")))
    }

    @Test("thanks for a payment, and tells of a credit note and its reason")
    func paidAndCredited() throws {
        let books = try InvoiceBooks()
        let invoice = try books.fees([49_00])
        let note = try books.write { _, db in
            try CreditNotes.issue(invoice.id, .amount(Cents(9_00)), reason: "An outage", at: Books.start, db)
        }
        _ = try books.write { account, db in
            try Payments.receive(
                Cents(40_00),
                .usd,
                from: account,
                providerID: "p",
                at: Books.start.adding(days: 2),
                db
            )
        }
        #expect(try waiting(books).map(\.news).sorted() == ["credited", "issued", "paid"])
        #expect(try letter(.paid, invoice.id, books).subject == "Invoice INV-000001 is paid: USD 49.00")
        let credited = try letter(.credited, note.id, books)
        #expect(credited.subject == "Credit note CN-000001: USD 9.00")
        #expect(credited.parts.contains(.text("The reason: An outage")))
    }

    @Test("is not for what waits as a letter, and cannot be written of what is not there")
    func others() async throws {
        let store = try UnitStore()
        let app = try store.app()
        let plain = JSONValue.object([.init("subject", .string("Hello"))])
        #expect(try await InvoiceMail.write(plain, in: app) == nil)
        let gone = JSONValue.object([.init("invoice", .integer(7)), .init("news", .string("issued"))])
        await #expect(throws: Postbox.Undeliverable.illegible) { try await InvoiceMail.write(gone, in: app) != nil }
    }
}
