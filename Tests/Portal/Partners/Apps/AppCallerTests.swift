import Storage
import Testing
import Web

@testable import Portal

@Suite("The key of an app")
struct AppCallerTests {
    private func expect(
        _ response: Response,
        _ status: Int,
        _ sentence: String,
        _ code: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let told = [response.json?["error"]?.string, response.json?["code"]?.string]
        #expect(response.status == status, sourceLocation: sourceLocation)
        #expect(told == [sentence, code], sourceLocation: sourceLocation)
    }

    @Test("lets the app in, by either header")
    func letsIn() async throws {
        let desk = try AppDesk()
        let asked = try await desk.ask(key: desk.key)
        #expect(asked.status == 200 && asked.json?["app"]?.integer == desk.appID)
        let other = try await desk.ask("GET", key: nil, ["HTTP_X_API_KEY": desk.key])
        #expect(other.status == 200 && other.json?["app"]?.integer == desk.appID)
        #expect(other.header("Access-Control-Allow-Origin") == "*")
    }

    @Test("is asked for in the words that clients read")
    func sentences() async throws {
        let desk = try AppDesk()
        let missing = "Missing or invalid authorization header"
        expect(try await desk.ask(key: nil), 401, missing, "missing_key")
        expect(try await desk.ask(key: ""), 401, missing, "missing_key")
        expect(try await desk.ask(key: nil, ["HTTP_AUTHORIZATION": "Basic YTpi"]), 401, missing, "missing_key")
        let last = desk.key.last == "a" ? "b" : "a"
        for wrong in ["rk_nobody", String(desk.key.dropLast()) + last, try desk.key(of: nil)] {
            expect(try await desk.ask(key: wrong), 401, "Invalid API key", "invalid_key")
        }
        let reading = try desk.key(of: desk.appID, [.referralsRead])
        #expect(try await desk.ask("GET", key: reading).status == 200)
        let lacking = "This API key lacks the scope referrals:write"
        expect(try await desk.ask(key: reading), 403, lacking, "insufficient_scope")
    }

    @Test("is worth nothing while its app or account is suspended, and nothing any more once it is revoked")
    func suspended() async throws {
        let desk = try AppDesk()
        let (id, account, now) = (desk.appID, desk.account.account, UnitStore.noon)
        try desk.write { db in try Apps.setStatus(.suspended, of: id, at: now, db) }
        expect(try await desk.ask(key: desk.key), 403, "App or partner is suspended", "suspended")
        try desk.write { db in try Apps.setStatus(.active, of: id, at: now, db) }
        #expect(try await desk.ask(key: desk.key).status == 200)
        try desk.write { db in try Accounts.setStatus("suspended", of: account, db) }
        expect(try await desk.ask(key: desk.key), 403, "App or partner is suspended", "suspended")
        try desk.write { db in try Accounts.setStatus("active", of: account, db) }
        try desk.write { db in
            for key in try APIKeys.unrevoked(ofApp: id, db) { _ = try APIKeys.revoke(key, at: now, db) }
        }
        expect(try await desk.ask(key: desk.key), 401, "Invalid API key", "invalid_key")
    }

    // MARK: Limits

    @Test("passes as often as a plan without overage allows, and waits for the next month then")
    func planLimit() async throws {
        let desk = try AppDesk(calls: 5)
        for _ in 0..<5 { #expect(try await desk.ask(key: desk.key).status == 200) }
        let refusal = try await desk.ask(key: desk.key)
        expect(refusal, 429, "Monthly API limit exceeded", "quota_exceeded")
        let end = Timestamp(day: UnitStore.noon.month.next.firstDay)
        #expect(refusal.header("Retry-After") == "\(end.seconds - UnitStore.noon.seconds)")
        #expect(try used(desk) == 5)
    }

    @Test("passes to 120 % of a plan that bills what is beyond, which is billed to the call, and no further")
    func overage() async throws {
        let desk = try AppDesk(calls: 100, bills: true)
        for _ in 0..<120 { #expect(try await desk.ask(key: desk.key).status == 200) }
        for _ in 0..<3 {
            expect(try await desk.ask(key: desk.key), 403, "App or partner is suspended", "suspended")
        }
        try await desk.app.calls.flush(desk.app)
        let account = desk.account.account
        let billed = try desk.unit.store.read { db in try Accounts.usageMicros(of: account, db) }
        #expect(billed == 20 * 500)
        #expect(try used(desk) == 120)
    }

    @Test("keeps to the app's own limit, whatever the plan allows, and another app of the account has its own")
    func appLimit() async throws {
        let desk = try AppDesk(calls: 100, appLimit: 3)
        for _ in 0..<3 { #expect(try await desk.ask(key: desk.key).status == 200) }
        let refusal = try await desk.ask(key: desk.key)
        expect(refusal, 429, "Monthly API limit exceeded", "quota_exceeded")
        #expect(refusal.header("Retry-After") != nil)
        let account = desk.account.account
        let other = try desk.unit.store.writeBlocking { db in
            let terms = CustomerApp.Terms(name: "Other")
            return try Apps.insert(terms, publicID: "app_other", accountID: account, at: UnitStore.noon, db)
        }
        #expect(try await desk.ask(key: try desk.key(of: other)).status == 200)
        #expect(try used(desk) == 4, "what the app's limit refused counts in no other")
        let id = desk.appID
        try desk.write { db in
            try Apps.update(id, CustomerApp.Terms(name: "Shop"), at: UnitStore.noon, db)
        }
        #expect(try await desk.ask(key: desk.key).status == 200)
    }

    @Test("counts calls that are refused for their scope or their body, for they were let in")
    func refusedCallsCount() async throws {
        let desk = try AppDesk(calls: 2)
        #expect(try await desk.ask(key: try desk.key(of: desk.appID, [.referralsRead])).status == 403)
        let body = ["CONTENT_TYPE": "text/plain"]
        #expect(try await desk.ask(key: desk.key, body).status == 415)
        #expect(try await desk.ask(key: desk.key).status == 429)
    }

    @Test("lets exactly what is left pass, of 64 clients at once", arguments: [true, false])
    func exactly(bills: Bool) async throws {
        let desk = try AppDesk(calls: 50, bills: bills)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<64 {
                group.addTask { try await desk.ask(key: desk.key).status }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let passed = bills ? 60 : 50
        #expect(statuses.count { $0 == 200 } == passed)
        #expect(statuses.count { $0 == (bills ? 403 : 429) } == 64 - passed)
        #expect(try used(desk) == Int64(passed))
    }

    private func used(_ desk: AppDesk) throws -> Int64 {
        let now = UnitStore.noon
        let account = desk.account.account
        return try desk.unit.store.read { db in
            try desk.app.calls.used(.account(account), ofAccount: account, in: now.month, at: now, db)
        }
    }
}
