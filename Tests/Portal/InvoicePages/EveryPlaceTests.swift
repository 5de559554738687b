import Documents
import Storage
import Testing
import Web

@testable import Portal

/// Invoice totals are the same wherever they are shown.
@Suite("An invoice's amounts")
struct EveryPlaceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var currency = "usd"
        var fees: [Int64] = [49_00]
        var tax: (name: String, millionths: Int64, inclusive: Bool)?
        var coupon: Discount.Reduction?
        var credit: Int64 = 0
        var paid: Int64 = 0
        var buyer = "Ada Lovelace"

        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "plain"),
        Case(name: "nothing to pay", fees: [0, 5_00, -5_00]),
        Case(name: "one cent", fees: [1]),
        Case(name: "tax on top", fees: [33_33, 33_33, 33_34], tax: ("VAT", 190_000, false)),
        Case(name: "tax in the price", fees: [33_33, 1], tax: ("GST", 82_500, true)),
        Case(name: "a discount", fees: [10_01, 7_77], coupon: .percent(basisPoints: 3_333)),
        Case(
            name: "discount and tax",
            fees: [99, 1, 12_345],
            tax: ("VAT", 70_000, false),
            coupon: .percent(basisPoints: 1_250)
        ),
        Case(name: "credit for a part", tax: ("VAT", 190_000, false), credit: 12_34),
        Case(name: "credit for all", credit: 100_00),
        Case(name: "paid in part", fees: [100_00], paid: 12_50),
        Case(
            name: "no decimals",
            currency: "jpy",
            fees: [1_234_567, 89],
            tax: ("消費税", 100_000, false),
            buyer: "株式会社青空"
        ),
        Case(
            name: "three decimals",
            currency: "kwd",
            fees: [1_234_560, 10],
            tax: ("VAT", 50_000, false),
            buyer: "شركة الشروق"
        ),
        Case(name: "forty lines", fees: (1...40).map { $0 * 1_003 }, tax: ("VAT", 190_000, false)),
        Case(name: "markup", buyer: "<script>alert(1)</script> & \"Söhne\""),
    ]

    private func make(_ one: Case, in store: UnitStore) throws -> (account: Int64, person: Int64, invoice: Int64) {
        let ids = try store.account("ada")
        let now = UnitStore.noon
        let id = try store.store.writeBlocking { db -> Int64? in
            let currency = try #require(Currency(one.currency))
            try BillingProfiles.set(BillingProfiles.Profile(name: one.buyer), of: ids.account, at: now, db)
            try db.run("UPDATE account SET currency = ? WHERE id = ?", one.currency, ids.account)
            if let tax = one.tax {
                let rate = TaxRate(name: tax.name, millionths: tax.millionths, isInclusive: tax.inclusive)
                _ = try TaxRates.insert(TaxRates.New(rate: rate, country: "", isDefault: true), at: now, db)
            }
            if let coupon = one.coupon {
                let new = Coupons.New(
                    code: "SPRING",
                    name: "Spring",
                    reduction: coupon,
                    invoices: nil,
                    mostAccounts: nil,
                    validUntil: nil
                )
                _ = try Coupons.insert(new, at: now, db)
                _ = try Coupons.redeem("SPRING", ids.account, at: now, db)
            }
            if one.credit > 0 {
                _ = try CreditGrants.give(
                    Cents(one.credit),
                    kind: .promotion,
                    name: "gift",
                    to: ids.account,
                    at: now,
                    db
                )
            }
            var draft = InvoiceDraft(of: ids.account, in: currency, reason: .period, description: "Plan")
            draft.add(
                one.fees.enumerated().map { index, fee in
                    DraftLine(.manual, "Fee \(index)", Money(fee, currency), postedAs: .revenue)
                }
            )
            let id = try Invoices.finalize(draft, at: now, db)?.id
            if one.paid > 0 {
                try Payments.receive(
                    Cents(one.paid),
                    .usd,
                    from: ids.account,
                    providerID: "p",
                    at: now.adding(days: 1),
                    db
                )
            }
            return id
        }
        return (ids.account, ids.person, try #require(id))
    }

    private func caller(_ account: Int64, _ person: Int64) -> Caller {
        let profile = Caller.Profile(
            name: "Ada",
            email: "ada@example.com",
            stripeCustomerID: nil,
            createdAt: UnitStore.noon,
            isVerified: true
        )
        let holder = Caller.Holder(
            accountID: account,
            userID: person,
            isOperator: false,
            profile: profile,
            role: .owner
        )
        return Caller(kind: .session(holder, sessionID: 1), address: "127.0.0.1", requestID: "1")
    }

    private func json(_ answer: some Output) throws -> JSONValue {
        guard case .bytes(let bytes) = try answer.response().body else { throw Missing() }
        return try JSONParser.parse(bytes)
    }

    private func items(_ value: JSONValue?) -> [JSONValue] {
        if case .array(let items)? = value { items } else { [] }
    }

    @Test("are the same in every place", arguments: cases)
    func everywhere(one: Case) async throws {
        let store = try UnitStore()
        let made = try make(one, in: store)
        let app = try store.app()
        let caller = caller(made.account, made.person)
        let record = try #require(
            try store.store.read { db in try InvoiceRecord.find(made.invoice, at: app.now(), db) }
        )
        let currency = record.invoice.currency
        let total = Money(record.invoice.total.value, currency).text
        let owed = Money(record.invoice.owed.value, currency).text
        let number = try #require(Text<1, 64>(record.number))

        let single = try json(try await ShowInvoice.handle(.init(number: number), by: caller, in: app))
        let heading = try #require(single["invoice"])
        #expect(heading["total"]?.number == total)
        #expect(heading["owed"]?.number == owed)
        let lines = items(single["lines"])
        #expect(lines.count == one.fees.count)
        for (column, sum) in [("amount", "subtotal"), ("discount", "discount"), ("tax", "tax"), ("total", "total")] {
            #expect(try add(lines.map { $0[column]?.number }, currency) == heading[sum]?.number)
        }
        let list = try json(
            try await PageInvoices.handle(.init(status: nil, limit: nil, cursor: nil), by: caller, in: app)
        )
        #expect(items(list["data"]).first?["total"]?.number == total)
        #expect(items(list["data"]).first?["owed"]?.number == owed)
        let contract = items(try json(try await ListBillingInvoices.handle(.init(limit: nil), by: caller, in: app)))
        #expect(contract.first?["amount_due"]?.number == total)
        #expect(contract.first?["amount"]?.number == total)
        #expect(contract.first?["amount_paid"]?.number == Money(record.invoice.paid.value, currency).text)
        for answer in [
            try json(try await ListOwnInvoices.handle(Empty(), by: caller, in: app)),
            try json(try await ListInvoices.handle(Empty(), by: caller, in: app)),
        ] {
            #expect(items(answer["invoices"]).first?["amount"]?.number == total)
            #expect(answer["current_balance"]?.number == owed)
        }
        try await papers(of: record, one, app)
        try await sheet(of: record, caller, app)
        try ledger(record, made.account, store)
    }

    /// PDF, hosted page and mail.
    private func papers(of record: InvoiceRecord, _ one: Case, _ app: App) async throws {
        let total = InvoiceWords.money(record.invoice.total, record.invoice.currency)
        let owed = InvoiceWords.money(record.invoice.owed, record.invoice.currency)
        let pdf = try Pdftotext.read(try await app.print(record))
        let input = ShowHostedInvoice.Input(token: app.invoiceLinks.token(record.invoice.id))
        guard case .bytes(let bytes) = try await ShowHostedInvoice.handle(input, by: stranger, in: app).response().body
        else { throw Missing() }
        let html = String(decoding: bytes, as: UTF8.self)
        for amount in [total, owed] where record.invoice.owed > .zero || amount == total {
            #expect(pdf.contains(amount))
            #expect(html.contains(amount))
        }
        for text in record.lines.map({ InvoiceWords.amount($0.total, record.invoice.currency) }) {
            #expect(pdf.contains(text))
            #expect(html.contains(">\(text)</td>"))
        }
        #expect(html.contains("<p dir=\"auto\" class=\"name\">\(HTML.escape(one.buyer))</p>"))
        #expect(!html.contains("<script"))
        #expect(Pdftotext.squeezed(pdf).contains(Pdftotext.squeezed(one.buyer)))
        let letter = InvoiceMail.letter(.issued, record, "https://purser.example", canPay: true)
        #expect(letter.subject.contains(total))
        if record.invoice.owed > .zero { #expect(letter.text(site: "").contains(owed)) }
    }

    private var stranger: Caller { Caller(address: "127.0.0.1", requestID: "1") }

    private func sheet(of record: InvoiceRecord, _ caller: Caller, _ app: App) async throws {
        let number = try #require(Text<1, 64>(record.number))
        let answer = try await ExportInvoice.handle(.init(number: number), by: caller, in: app).response()
        guard case .stream(let produce) = answer.body else { throw Missing() }
        var bytes: [UInt8] = []
        try await produce { bytes += $0 }
        let rows = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").dropFirst().map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        #expect(rows.count == record.lines.count)
        let sum = try add(rows.map { String($0[10]) }, record.invoice.currency)
        #expect(sum == Money(record.invoice.total.value, record.invoice.currency).text)
    }

    private func ledger(_ record: InvoiceRecord, _ account: Int64, _ store: UnitStore) throws {
        let (receivable, findings) = try store.store.read { db in
            (try Ledger.balance(.receivable, of: account, db), try LedgerCheck.run(db))
        }
        #expect(receivable == record.invoice.owed)
        #expect(findings == [])
    }

    /// The sum of decimal amounts of a currency, exactly.
    private func add(_ amounts: [String?], _ currency: Currency) throws -> String {
        let minor = try amounts.reduce(Int64(0)) { sum, text in
            let digits = try #require(text).filter { $0 != "." }
            return sum + (try #require(Int64(digits)))
        }
        return Money(minor, currency).text
    }
}

extension JSONValue {
    /// A number's digits as they were written.
    fileprivate var number: String? {
        switch self {
        case .integer(let number): "\(number)"
        case .decimal(let text): text
        default: nil
        }
    }
}
