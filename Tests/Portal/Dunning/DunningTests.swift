import Storage
import Testing
import Web

@testable import Portal

/// Unpaid invoices of accounts in a store without a provider, as time passes.
@Suite("Dunning")
struct DunningTests {
    /// An account that owes an invoice of so much, and what becomes of it.
    struct Debtor {
        let unit: UnitStore
        let account: Int64
        let key: Int64
        let invoice: Int64
        static let issued = UnitStore.noon

        init(_ unit: UnitStore, _ name: String = "dora") throws {
            self.unit = unit
            let ids = try unit.account(name)
            (account, key) = (ids.account, ids.key)
            invoice = try unit.store.writeBlocking { db in
                try require(try Self.bill(5000, ids.account, ids.key, at: Self.issued, db))
            }
        }

        /// An invoice of a use of so many cents.
        static func bill(
            _ cents: Int64,
            _ account: Int64,
            _ key: Int64,
            at now: Timestamp,
            _ db: borrowing Database
        ) throws -> Int64? {
            var batch = UsageBatch(
                accountID: account,
                keyID: key,
                usageMicros: try Accounts.usageMicros(of: account, db),
                now: now,
                threshold: Cents(1_000_000),
                meterReports: nil
            )
            let price = Prices.Price(unitMicros: cents * 10_000, isSimulator: false)
            let backend = Backend(known: "ibm_torino")
            let use = UsageEvent(meter: .shots, backend: backend, quantity: 1, price: price, occurredAt: now)
            _ = try batch.add(use, db)
            try batch.finish(db)
            return try Invoices.raise(account, at: now, db)
        }

        /// Lets so many days pass since the invoice, a run a day.
        func live(untilDay day: Int, from first: Int = 0) async throws {
            for day in first...day { try await Dunning.run(try unit.app(at: Self.issued.adding(days: day))) }
        }

        func set(grace: Int64 = 0, _ steps: [(Int64, [DunningSchedule.Action])]) throws {
            let schedule = DunningSchedule(
                graceDays: try require(Whole(grace)),
                steps: try steps.map { .init(afterDays: try require(Whole($0.0)), do: $0.1) }
            )
            try schedule.check()
            try unit.store.writeBlocking { db in try DunningSchedule.set(schedule, at: Self.issued, db) }
        }

        func pay(_ cents: Int64, atDay day: Int) throws {
            let now = Self.issued.adding(days: day)
            try unit.store.writeBlocking { db in
                try Payments.receive(Cents(cents), .usd, from: account, providerID: "pi_\(day)", at: now, db)
            }
        }

        func addCard(expires year: Int64 = 2040) throws {
            let card = JSONValue.object([
                .init("id", .string("pm_\(account)")), .init("type", .string("card")),
                .init(
                    "card",
                    .object([
                        .init("brand", .string("visa")), .init("last4", .string("4242")),
                        .init("exp_month", .integer(4)), .init("exp_year", .integer(year)),
                    ])
                ),
            ])
            try unit.store.writeBlocking { db in try PaymentMethods.keep(card, of: account, at: Self.issued, db) }
        }

        func quota(_ db: borrowing Database) throws -> Quota {
            try require(try Quota.find(accountID: account, .shots, in: Self.issued.month, db))
        }

        /// Why a use that costs, and one that does not, are refused.
        var refusals: [Quota.Refusal?] {
            get throws {
                try unit.store.read { db in
                    let quota = try quota(db)
                    return [10, 0].map { micros in
                        quota.refusal(of: 1, at: Prices.Price(unitMicros: micros, isSimulator: true))
                    }
                }
            }
        }

        var keyStanding: APIKeys.Standing? {
            get throws {
                let digest = KeyDigests(pepper: "pepper").digest(of: "bioql_dora")
                return try unit.store.read { db in try APIKeys.find(digest: digest, at: Self.issued, db)?.standing }
            }
        }

        var restriction: String? {
            get throws { try unit.store.read { db in try Accounts.restriction(of: account, db) } }
        }

        var subjects: [String] {
            get throws {
                try unit.store.read { db in
                    try OutboxRows.waiting(.mail, atMost: 100, db).sorted { $0.id < $1.id }
                        .compactMap { $0.payload["subject"]?.string }
                }
            }
        }

        var findings: [String] {
            get throws { try unit.store.read { db in try LedgerCheck.run(db) } }
        }

        var row: DunningRows.Row? {
            get throws { try unit.store.read { db in try DunningRows.find(invoice, db) } }
        }
    }

    @Test("asks an account without a card from the due date on, and takes more with every step")
    func wholeWay() async throws {
        let debtor = try Debtor(try UnitStore())
        try await debtor.live(untilDay: 13)
        #expect(try debtor.subjects.isEmpty)
        try await debtor.live(untilDay: 27, from: 14)
        let reminder = "Invoice INV-000001 is unpaid"
        #expect(try debtor.subjects == [reminder, reminder, "Last reminder: invoice INV-000001 is unpaid"])
        #expect(try debtor.refusals == [nil, nil])
        try await debtor.live(untilDay: 28, from: 28)
        #expect(try debtor.subjects.last == "Your account is restricted")
        #expect(try debtor.refusals == [.accountRestricted, nil])
        #expect(try debtor.keyStanding == .active)
        try await debtor.live(untilDay: 35, from: 29)
        #expect(try debtor.subjects.last == "Your account is suspended")
        #expect(try debtor.refusals == [.accountSuspended, .accountSuspended])
        #expect(try debtor.keyStanding == .suspended)
        try await debtor.live(untilDay: 60, from: 36)
        #expect(try debtor.subjects.last == "Your subscription has ended")
        #expect(try debtor.row?.nextStepAt == nil)
        #expect(try debtor.findings == [])
    }

    @Test("gives everything back in the transaction that pays")
    func recovery() async throws {
        let debtor = try Debtor(try UnitStore())
        try await debtor.live(untilDay: 40)
        #expect(try debtor.restriction == "suspended")
        try debtor.pay(2000, atDay: 41)
        #expect(try debtor.restriction == "suspended")
        try debtor.pay(3000, atDay: 42)
        #expect(try debtor.restriction == nil)
        #expect(try debtor.refusals == [nil, nil])
        #expect(try debtor.keyStanding == .active)
        #expect(try debtor.subjects.last == "Your account works again")
        #expect(try debtor.row == nil)
        let mails = try debtor.subjects.count
        try await debtor.live(untilDay: 80, from: 43)
        #expect(try debtor.subjects.count == mails)
        #expect(try debtor.findings == [])
    }

    @Test("lets go of what is voided, credited or written off")
    func otherEnds() async throws {
        let unit = try UnitStore()
        for (name, end) in ["void", "credit", "loss"].enumerated() {
            let debtor = try Debtor(unit, "person\(name)")
            try await debtor.live(untilDay: 30)
            #expect(try debtor.restriction == "restricted")
            let now = Debtor.issued.adding(days: 31)
            try unit.store.writeBlocking { db in
                switch end {
                case "void": try Invoices.void(debtor.invoice, at: now, db)
                case "credit": _ = try CreditNotes.issue(debtor.invoice, .whole, reason: "Sorry", at: now, db)
                default: try Invoices.writeOff(debtor.invoice, at: now, db)
                }
            }
            #expect(try debtor.restriction == nil, "\(end)")
            #expect(try debtor.row == nil)
            #expect(try debtor.findings == [])
        }
    }

    @Test("stays as strict as the strictest of several unpaid invoices")
    func several() async throws {
        let debtor = try Debtor(try UnitStore())
        try await debtor.live(untilDay: 20)
        let later = try debtor.unit.store.writeBlocking { db in
            let now = Debtor.issued.adding(days: 20)
            return try Debtor.bill(700, debtor.account, debtor.key, at: now, db)
        }
        #expect(later != nil)
        try await debtor.live(untilDay: 50, from: 21)
        #expect(try debtor.restriction == "suspended")
        try debtor.pay(5000, atDay: 51)
        #expect(try debtor.restriction == "restricted")
        #expect(try debtor.findings == [])
        try debtor.pay(700, atDay: 52)
        #expect(try debtor.restriction == nil)
    }

    @Test("takes nothing before the days of grace are over")
    func grace() async throws {
        let debtor = try Debtor(try UnitStore())
        try debtor.set(grace: 10, [(0, [.mail]), (1, [.restrict])])
        try await debtor.live(untilDay: 23)
        #expect(try debtor.subjects == ["Last reminder: invoice INV-000001 is unpaid"])
        #expect(try debtor.restriction == nil)
        try await debtor.live(untilDay: 24, from: 24)
        #expect(try debtor.restriction == "restricted")
    }

    @Test("writes off by itself only where it is told to, and then holds back nothing")
    func writeOff() async throws {
        let debtor = try Debtor(try UnitStore())
        try debtor.set([(0, [.suspend]), (5, [.cancel, .writeOff])])
        try await debtor.live(untilDay: 18)
        #expect(try debtor.restriction == "suspended")
        try await debtor.live(untilDay: 19, from: 19)
        #expect(try debtor.restriction == nil)
        let status = try debtor.unit.store.read { db in try Invoices.find(id: debtor.invoice, db)?.status }
        #expect(status == .uncollectible)
        #expect(try debtor.findings == [])
    }

    @Test("does nothing where the schedule is empty")
    func empty() async throws {
        let debtor = try Debtor(try UnitStore())
        try debtor.set([])
        try await debtor.live(untilDay: 60)
        #expect(try debtor.subjects.isEmpty)
    }

    @Test("moves by an account's own clock")
    func testClock() async throws {
        let debtor = try Debtor(try UnitStore())
        let app = try debtor.unit.app(at: Debtor.issued.adding(days: 90))
        let clock = { (days: Int) in
            try debtor.unit.store.writeBlocking { db in
                try db.run(
                    "UPDATE account SET test_clock_at = ? WHERE id = ?",
                    Debtor.issued.adding(days: days).milliseconds,
                    debtor.account
                )
            }
        }
        _ = try clock(1)
        try await Dunning.run(app)
        try await Dunning.runTestClocks(app)
        #expect(try debtor.subjects.isEmpty)
        _ = try clock(29)
        try await Dunning.run(app)
        #expect(try debtor.subjects.isEmpty)
        try await Dunning.run(debtor.account, app)
        #expect(try debtor.restriction == "restricted")
        #expect(try debtor.subjects.count == 4)
    }

    @Test("waits with each step for a charge whose outcome nobody knows")
    func unknownCharge() async throws {
        let debtor = try Debtor(try UnitStore())
        try debtor.set([(0, [.suspend])])
        try debtor.addCard()
        try debtor.unit.store.writeBlocking { db in
            let demand = try require(try Demand.find(debtor.invoice, db))
            let card = try require(try PaymentMethods.preferred(of: debtor.account, db))
            #expect(try Charges.begin(demand, card, at: Debtor.issued, db) != nil)
            #expect(try Charges.begin(demand, card, at: Debtor.issued, db) == nil)
        }
        try await debtor.live(untilDay: 30)
        #expect(try debtor.restriction == nil)
        try debtor.unit.store.writeBlocking { db in
            let attempt = try require(try ChargeAttempts.underWay(debtor.account, invoiceID: debtor.invoice, db))
            _ = try ChargeAttempts.end(attempt.id, as: .failed, providerID: nil, at: Debtor.issued, db)
        }
        try await debtor.live(untilDay: 31, from: 31)
        #expect(try debtor.restriction == "suspended")
    }

    @Test("tells once of the preferred card that expires by the end of next month")
    func expiry() async throws {
        let debtor = try Debtor(try UnitStore())
        try debtor.addCard(expires: 2026)
        try await CardExpiry.tell(try debtor.unit.app(at: Debtor.issued.adding(days: -30)))
        #expect(try debtor.subjects.isEmpty)
        for _ in 1...2 { try await CardExpiry.tell(try debtor.unit.app(at: Debtor.issued)) }
        #expect(try debtor.subjects == ["Your card expires soon"])
    }
}

@Suite("What came of a charge")
struct ChargeResultTests {
    private func result(_ status: String, _ error: [(String, String)] = []) -> ChargeResult? {
        ChargeResult(
            .object([
                .init("id", .string("pi_1")), .init("status", .string(status)), .init("currency", .string("isk")),
                .init("amount_received", .integer(500)),
                .init("last_payment_error", .object(error.map { .init($0.0, .string($0.1)) })),
            ])
        )
    }

    @Test("is read from the payment as the provider shows it")
    func reading() {
        #expect(result("succeeded")?.received == Currency("isk").map { Money(5, $0) })
        #expect(result("processing") == nil)
        #expect(result("requires_action")?.status == .needsAction)
        let declined = result("requires_payment_method", [("code", "card_declined"), ("decline_code", "lost_card")])
        #expect(declined?.status == .failed)
        #expect(declined?.code == "lost_card")
        let asked = result("requires_payment_method", [("code", "authentication_required")])
        #expect(asked?.status == .needsAction)
    }

    @Test("is a reason of ours where the provider gives none")
    func noReason() {
        let refusal = StripeError(status: 400, type: "invalid_request_error", code: "", message: "No")
        #expect(ChargeResult(refusal).code == "charge_refused")
        #expect(ChargeResult(refusal).status == .failed)
    }
}
