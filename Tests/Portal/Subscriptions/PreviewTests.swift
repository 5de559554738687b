import Testing
import Web

@testable import Portal

@Suite("A preview of a subscription")
struct PreviewTests {
    private typealias Desk = SubscriptionDesk

    private static func caller(_ desk: Desk) -> Caller {
        let profile = Caller.Profile(
            name: "Olga",
            email: "olga@example.com",
            stripeCustomerID: nil,
            createdAt: Desk.begin,
            isVerified: true
        )
        let holder = Caller.Holder(
            accountID: desk.account,
            userID: 1,
            isOperator: false,
            profile: profile,
            role: .owner
        )
        return Caller(kind: .session(holder, sessionID: 1), address: "", requestID: "r")
    }

    private static func preview(
        _ desk: Desk,
        _ version: PlanVersions.Version,
        _ when: SubscriptionSwitch.Moment? = nil
    ) async throws -> PreviewSubscription.Answer {
        let plan = try desk.unit.store.read { db in try require(try Plans.find(version.planID, db)).code }
        var members = ["plan": plan, "interval": version.interval.rawValue]
        members["when"] = when?.rawValue
        let json = try JSONParser.parse(try JSONEncoding.bytes(of: members))
        let input = try InputDecoder.decode(ChangeSubscription.Input.self, from: json)
        return try await PreviewSubscription.handle(input, by: caller(desk), in: desk.app)
    }

    /// Begins it, or changes to it at once.
    private static func order(_ desk: Desk, _ version: PlanVersions.Version) throws {
        if try desk.live == nil { try desk.subscribe(version) } else { try desk.change(to: version) }
    }

    /// All that one of them says, as text: of the invoice after `id`, nothing where there is none.
    private static func invoiced(_ desk: Desk, after id: Int64) throws -> [String] {
        try desk.unit.store.read { db in
            guard let invoice = try Invoices.list(of: desk.account, db).first, invoice.id > id else { return [] }
            let view = try InvoiceView(invoice, desk.app.invoiceLinks, db)
            let lines = try InvoiceLines.of(invoice.id, db).map { InvoiceLineView($0, in: invoice.currency) }
            let sums = [view.subtotal, view.discount, view.tax, view.total, view.owed].map(\.text)
            return sums + lines.map { "\($0.description) \($0.quantity) \($0.amount.text) \($0.total.text)" }
        }
    }

    private static func previewed(_ answer: PreviewSubscription.Answer) throws -> [String] {
        let invoice = try require(answer.invoice.value)
        let sums = [invoice.subtotal, invoice.discount, invoice.tax, invoice.total, invoice.amountDue].map(\.text)
        return sums + invoice.lines.map { "\($0.description) \($0.quantity) \($0.amount.text) \($0.total.text)" }
    }

    private static func terms(_ desk: Desk, _ dice: inout SeededDice) throws {
        let (percent, rate) = (Int64(dice.roll(0...9_999)), Int64(dice.roll(0...250_000)))
        let account = desk.account
        try desk.unit.store.writeBlocking { db in
            let coupon = Coupons.New(
                code: "SOME",
                name: "Some",
                reduction: .percent(basisPoints: max(1, percent)),
                invoices: 2,
                mostAccounts: nil,
                validUntil: nil
            )
            _ = try Coupons.insert(coupon, at: Desk.begin, db)
            _ = try Coupons.redeem("SOME", account, at: Desk.begin, db)
            let tax = TaxRate(name: "VAT", millionths: rate, isInclusive: percent % 2 == 0)
            _ = try TaxRates.insert(TaxRates.New(rate: tax, country: "", isDefault: true), at: Desk.begin, db)
        }
    }

    @Test("says to the cent what the start and each change then ask for, whatever is used, taken off and taxed")
    func equal() async throws {
        var dice = SeededDice(for: "PreviewTests.equal")
        for round in 0..<10 {
            let begin = Timestamp(day: Day(year: 2026, month: dice.roll(1...12), day: dice.roll(1...28)))
            let credit = round % 2 == 0 ? Desk.credit : Cents(Int64(dice.roll(1...20_000)))
            let desk = try Desk(at: begin.adding(seconds: Int64(dice.roll(0...86_399))), credit: credit)
            try Self.terms(desk, &dice)
            let plans = try (0..<4).map { number in
                let items = [
                    Desk.fee(Int64(dice.roll(0...100_000))),
                    Desk.credits(included: 10, micros: Int64(dice.roll(0...90_000))),
                ]
                return try desk.plan("plan\(number)", items, every: dice.pick([.month, .year]))
            }
            for _ in 0..<4 {
                try desk.use(Int64(dice.roll(1...500)))
                try await desk.advance(to: try desk.now.adding(seconds: Int64(dice.roll(1...86_400))))
                let next = dice.pick(plans)
                if try desk.live?.version.id == next.id { continue }
                let last = try desk.unit.store.read { db in try Invoices.list(of: desk.account, db).first?.id ?? 0 }
                let told = try await Self.preview(desk, next, .now)
                try Self.order(desk, next)
                let asked = try Self.invoiced(desk, after: last)
                if asked.isEmpty {
                    #expect(told.invoice.value?.total.text == "0.00")
                } else {
                    #expect(try Self.previewed(told) == asked)
                }
                let live = try require(try desk.live)
                #expect(live.period.upperBound == told.nextInvoiceAt)
                #expect(try SubscriptionView.amount(of: live) == told.amount.text)
            }
            #expect(try desk.findings == [])
        }
    }

    @Test("tells fees given back from fees asked for, when the next ones are due, and writes nothing")
    func parts() async throws {
        let begin = try require(Timestamp("2026-04-01T00:00:00Z"))
        let desk = try Desk(at: begin, credit: Cents(5000))
        let (small, large) = (try desk.plan("small", [Desk.fee(3000)]), try desk.plan("large", [Desk.fee(9000)]))
        try desk.subscribe(small)
        try await desk.advance(to: begin.adding(days: 10))
        let up = try await Self.preview(desk, large)
        #expect([up.unused, up.fees, up.amount].map(\.text) == ["20.00", "60.00", "90.00"])
        let invoice = try require(up.invoice.value)
        #expect([invoice.total, invoice.credit, invoice.amountDue].map(\.text) == ["40.00", "20.00", "20.00"])
        #expect(up.due.text == "20.00")
        #expect(up.when == .now)
        #expect(up.payment == .page)
        #expect(up.nextInvoiceAt == begin.adding(days: 30))
        #expect(try desk.live?.version.id == small.id)
        #expect(try desk.invoices.count == 1)
        #expect(try desk.changes == [.started])
    }

    @Test("of less a year asks for nothing before the period ends, of a trial for nothing before that ends")
    func later() async throws {
        let begin = try require(Timestamp("2026-04-01T00:00:00Z"))
        let desk = try Desk(at: begin)
        let (small, large) = (try desk.plan("small", [Desk.fee(3000)]), try desk.plan("large", [Desk.fee(9000)]))
        let tried = try desk.plan("tried", trialDays: 14, [Desk.fee(3000)])
        let trial = try await Self.preview(desk, tried)
        #expect(trial.trialEnd.value == begin.adding(days: 14))
        #expect(trial.nextInvoiceAt == begin.adding(days: 14))
        #expect(trial.invoice.value?.total.text == "0.00")
        #expect(trial.payment == .nothing)
        try desk.subscribe(large)
        let down = try await Self.preview(desk, small)
        #expect(down.when == .periodEnd)
        #expect(down.effectiveAt == begin.adding(days: 30))
        #expect(down.invoice.value == nil)
    }

    @Test("of what the account has, of nothing at all, and of a period that is over is refused")
    func refused() async throws {
        let desk = try Desk()
        let version = try desk.plan("team", [Desk.fee(4900)])
        try desk.subscribe(version)
        let same = await #expect(throws: Failure.self) { _ = try await Self.preview(desk, version) }
        #expect(same?.code == "already_subscribed")
        let other = try desk.plan("other", [Desk.fee(1)])
        try desk.unit.store.writeBlocking { [account = desk.account] db in
            try Accounts.setTestClock(Desk.begin.adding(days: 60), of: account, db)
        }
        let late = await #expect(throws: Failure.self) { _ = try await Self.preview(desk, other) }
        #expect(late?.code == "billing_under_way")
    }
}

extension SubscriptionView {
    fileprivate static func amount(of live: Subscriptions.Live) throws -> String {
        try PlanVersionView(live.version).amount.text
    }
}
