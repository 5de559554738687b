import Storage
import Testing
import Web

@testable import Portal

@Suite("The end of a month's calls") struct LimitExceededTests {
    private let desk: WebhookDesk
    private let app: App
    private let noon = UnitStore.noon

    init() throws {
        desk = try WebhookDesk()
        app = try desk.app(at: UnitStore.noon)
    }

    /// A plan of a hundred calls that bills those beyond, and an app with the account's key that may have thirty.
    private func limit(app monthlyLimit: Int64? = nil) throws -> Int64 {
        let account = desk.account.account
        return try desk.unit.store.writeBlocking { db in
            let calls = PlanLimits.Limit(subject: "calls", quantity: 100, overage: UnitPrice(micros: 500))
            try Plans.put("hundred", Plans.Terms(name: "Hundred", limits: [calls]), db)
            try Accounts.setPlan(try require(try Plans.find(code: "hundred", db)).id, of: account, db)
            try db.run(
                """
                INSERT INTO app (account_id, public_id, name, monthly_limit, created_at)
                VALUES (?, 'app_shop', 'Shop', ?, 1)
                """,
                account,
                monthlyLimit
            )
            let id = db.lastInsertID
            try db.run("UPDATE api_key SET app_id = ? WHERE account_id = ?", id, account)
            return id
        }
    }

    private func call(_ times: Int64, appID: Int64?) async throws -> Calls.Verdict {
        let ids = desk.account
        var grant = Caller.KeyGrant(id: ids.key)
        (grant.countsAs, grant.appID) = (ids.key, appID)
        let asked = grant
        let verdict = try desk.unit.store.read { db in
            try app.calls.take(times, of: asked, accountID: ids.account, at: noon, db)
        }
        try await app.calls.flush(app)
        return verdict
    }

    /// Of each event `level`, `current`, `limit`, `percentage` and `appId`.
    private func told() async throws -> [[String]] {
        try await desk.send(at: noon)
        return desk.received().filter { $0.body["type"]?.string == "USAGE_LIMIT_EXCEEDED" }.map { got in
            let data = got.body["data"]
            let numbers = ["current", "limit", "percentage"].map { name -> String in
                if case .integer(let number)? = data?[name] { return "\(number)" }
                return ""
            }
            return [data?["level"]?.string ?? ""] + numbers + [data?["appId"]?.string ?? "null"]
        }
    }

    @Test("is told when the plan's limit is reached, and once more when calls end")
    func plan() async throws {
        let shop = try limit()
        _ = try await desk.make(events: #"["USAGE_LIMIT_EXCEEDED"]"#)
        for _ in 0..<4 { _ = try await call(24, appID: shop) }
        #expect(try await told() == [])
        _ = try await call(9, appID: shop)
        #expect(try await told() == [["exceeded", "105", "100", "105", "null"]])
        #expect(try await call(15, appID: shop) == .overage)
        #expect(try await told() == [["suspended", "120", "100", "120", "null"]])
        #expect(try await call(1, appID: shop) == .refused(.suspended))
        #expect(try await told() == [])
    }

    @Test("is told to an app when its own limit is used up, once")
    func own() async throws {
        let shop = try limit(app: 30)
        _ = try await desk.make(events: #"["USAGE_LIMIT_EXCEEDED"]"#, app: shop)
        _ = try await call(29, appID: shop)
        #expect(try await told() == [])
        _ = try await call(1, appID: shop)
        #expect(try await told() == [["exceeded", "30", "30", "100", "app_shop"]])
        #expect(try await call(1, appID: shop) == .refused(.appLimit))
        // Another app of the account uses the rest of the plan.
        _ = try await call(80, appID: nil)
        #expect(try await told() == [])
    }
}
