import Storage
import Testing
import Web

@testable import Portal

@Suite("The demonstration business")
struct DemoBusinessTests {
    private static func seeded(pepper: String = "pepper", at moment: Timestamp = UnitStore.noon) async throws
        -> (unit: UnitStore, answer: SeedStore.Answer)
    {
        let unit = try UnitStore()
        let app = try unit.app(["KEY_PEPPER": pepper], at: moment)
        let caller = Caller(kind: .shell, address: "", requestID: "r")
        return (unit, try await SeedStore.handle(Empty(), by: caller, in: app))
    }

    /// Every table as lines of text. Password hashes have a random salt, so they are left out.
    private static func tables(_ store: Store) throws -> [String: [String]] {
        func lines(_ sql: StaticString) throws -> [String] {
            try store.read { db in
                try db.all(sql) { row in
                    (0..<row.count).map { index in
                        row.isNull(index) ? "-" : row[index] as String
                    }.joined(separator: "|")
                }
            }
        }
        return [
            "account": try lines(
                """
                SELECT id || '', name, plan_id || '', status, stripe_customer_id, usage_micros || '', created_at || ''
                FROM account ORDER BY id
                """
            ),
            "person": try lines(
                "SELECT id || '', email, name, is_operator || '', created_at || '' FROM person ORDER BY id"
            ),
            "member": try lines(
                "SELECT account_id || '', person_id || '', role FROM member ORDER BY account_id, person_id"
            ),
            "api_key": try lines(
                "SELECT id || '', account_id || '', hex(digest), hint, label FROM api_key ORDER BY id"
            ),
            "ticket": try lines(
                "SELECT public_id, account_id || '', priority, subject, status, created_at || '' FROM ticket ORDER BY id"
            ),
            "usage_event": try lines(
                """
                SELECT account_id || '', meter, backend, quantity || '', unit_micros || '', cost_micros || '',
                    occurred_at || '', recorded_at || '' FROM usage_event ORDER BY id
                """
            ),
            "usage_month": try lines(
                """
                SELECT account_id || '', month || '', meter, quantity || '', cost_micros || '', events || ''
                FROM usage_month ORDER BY account_id, month, meter
                """
            ),
            "usage_total": try lines(
                """
                SELECT account_id || '', meter, backend, quantity || '', cost_micros || '', invoiced_quantity || ''
                FROM usage_total ORDER BY account_id, meter, backend
                """
            ),
            // Without the hash, which follows from rewards' ids, too.
            "ledger_entry": try lines(
                "SELECT id || '', debit, credit, amount || '', reason FROM ledger_entry ORDER BY id"
            ),
            "campaign_total": try lines(
                """
                SELECT campaign_id || '', referrals || '', clicks || '', conversions || '', revenue || '', rewards || '',
                    reward_amount || '' FROM campaign_total ORDER BY campaign_id
                """
            ),
            "ledger_balance": try lines(
                "SELECT account_id || '', side, debits || '', credits || '' FROM ledger_balance ORDER BY account_id, side"
            ),
            "invoice": try lines(
                """
                SELECT id || '', account_id || '', number, status, total || '', paid || '', issued_at || '', due_at || ''
                FROM invoice ORDER BY id
                """
            ),
            "invoice_line": try lines(
                """
                SELECT invoice_id || '', position || '', description, quantity || '', amount || ''
                FROM invoice_line ORDER BY invoice_id, position
                """
            ),
            "payment": try lines("SELECT provider_id, amount || '', paid_at || '' FROM payment ORDER BY id"),
        ]
    }

    @Test("is the same each time under the same pepper and clock")
    func deterministic() async throws {
        let (one, two) = (try await Self.seeded(), try await Self.seeded())
        let (first, second) = (try Self.tables(one.unit.store), try Self.tables(two.unit.store))
        for (table, lines) in first {
            #expect(!lines.isEmpty, "\(table) is empty")
            #expect(lines == second[table], "\(table)")
        }
        #expect(try JSONEncoding.bytes(of: one.answer) == JSONEncoding.bytes(of: two.answer))
    }

    @Test("has other passwords and keys under another pepper")
    func peppers() async throws {
        let (one, two) = (try await Self.seeded(), try await Self.seeded(pepper: "another"))
        for (left, right) in zip(one.answer.signIns, two.answer.signIns) {
            #expect(left.email == right.email)
            #expect(left.password != right.password)
            #expect(left.apiKey != right.apiKey)
        }
        #expect(Set(one.answer.signIns.map(\.password)).count == 4)
    }

    @Test("signs its people in with what it prints")
    func signIns() async throws {
        let (unit, answer) = try await Self.seeded()
        let app = try unit.app(["KEY_PEPPER": "pepper"])
        #expect(answer.signIns.map(\.role) == ["operator", "busy account", "new account", "over its limit"])
        for signIn in answer.signIns {
            let email = try #require(Email(signIn.email))
            let person = try #require(try unit.store.read { db in try People.find(email: email, db) })
            let verdict = try await app.passwords.verify(signIn.password, against: person.passwordHash)
            #expect(verdict != .mismatch)
            #expect(person.isOperator == (signIn.role == "operator"))
            let digest = app.keyDigests.digest(of: signIn.apiKey)
            let now = app.now()
            let found = try unit.store.read { db in try APIKeys.find(digest: digest, at: now, db) }
            #expect(found?.holder.userID == person.id)
        }
    }

    /// Today's hour and weekday change which events there are; the books hold at any.
    @Test(
        "has invoices in every state, sound books, and an account over its limit",
        arguments: [0, 1, 20, 46, 110, 170]
    )
    func states(hours: Int) async throws {
        let now = UnitStore.noon.adding(seconds: Int64(hours) * 3600 - 43_200)
        let (unit, answer) = try await Self.seeded(at: now)
        try unit.store.read { db in
            let statuses: [String] = try db.all("SELECT DISTINCT status FROM invoice ORDER BY status") { $0[0] }
            #expect(statuses == ["draft", "open", "paid", "uncollectible", "void"])
            // Nor in the hour that somebody looks at it.
            #expect(try !Rewards.hasDue(at: now.adding(seconds: 3600), db))
            let overdue: Int64? = try db.value(
                "SELECT count(*) FROM invoice WHERE status = 'open' AND due_at < ?",
                now.milliseconds
            )
            let open: Int64? = try db.value(
                "SELECT count(*) FROM invoice WHERE status = 'open' AND due_at > ?",
                now.milliseconds
            )
            #expect(overdue ?? 0 > 0 && open ?? 0 > 0)
            let events: Int64? = try db.value("SELECT count(*) FROM usage_event")
            #expect(events == Int64(answer.events))
            #expect(answer.events > 200)
            let future: Int64? = try db.value(
                "SELECT count(*) FROM usage_event WHERE occurred_at > ?",
                now.milliseconds
            )
            #expect(future == 0)
            #expect(try LedgerCheck.run(db) == [])
            let live: [String] = try db.all(
                """
                SELECT p.code FROM subscription s JOIN plan_price v ON v.id = s.plan_price_id
                JOIN plan p ON p.id = v.plan_id WHERE s.status = 'active' ORDER BY s.id
                """
            ) { $0[0] }
            #expect(live == ["partner_pro", "partner_growth", "billing_professional", "billing_enterprise"])
            let owed: Int64? = try db.value(
                "SELECT count(*) FROM invoice i JOIN subscription s USING (account_id) WHERE i.status = 'open'"
            )
            #expect(owed == 0)
        }
        #expect(try unit.store.check() == [])
        let quota = try unit.store.read { db in
            try Quota.find(accountID: Accounts.require("luis@lumen.example", db), .shots, in: now.month, db)
        }
        #expect(quota?.remaining == 0)
    }

    @Test("is refused by a store that has accounts")
    func refused() async throws {
        let unit = try UnitStore()
        _ = try unit.account("owner")
        let before = try Self.tables(unit.store)
        let app = try unit.app()
        let failure = await #expect(throws: Failure.self) {
            try await SeedStore.handle(Empty(), by: Caller(kind: .shell, address: "", requestID: "r"), in: app)
        }
        #expect(failure?.status == 409)
        #expect(try Self.tables(unit.store) == before)
    }
}
