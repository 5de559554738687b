import Storage
import Testing

@testable import Portal

@Suite("The log of apps' calls")
struct AppRequestsTests {
    private let desk: AppDesk
    private var log: AppRequests { desk.app.appRequests }

    init() throws {
        desk = try AppDesk()
    }

    private func call(
        _ number: Int = 0,
        endpoint: String = "POST /api/v1/clicks",
        status: Int = 200,
        address: String = "192.0.2.7",
        userAgent: String = "Shop/1.0",
        at moment: Timestamp = UnitStore.noon
    ) -> AppRequests.Call {
        AppRequests.Call(
            accountID: desk.account.account,
            appID: desk.appID,
            endpoint: endpoint,
            status: status,
            address: address,
            userAgent: userAgent,
            requestedAt: moment.adding(seconds: Int64(number))
        )
    }

    private func add(_ calls: [AppRequests.Call]) async throws {
        for call in calls { log.add(call, requestID: "none") }
        try await log.flush(to: desk.unit.store)
    }

    private func latest(_ limit: Int64 = 100, app: Int64? = nil) throws -> [AppRequests.Row] {
        let account = desk.account.account
        return try desk.unit.store.read { db in
            try AppRequests.latest(account: account, app: app, limit: limit, db)
        }
    }

    private func page(
        _ filter: AppRequests.Filter = .init(),
        page: Int64 = 1,
        limit: Int64 = 100
    ) throws -> (calls: [AppRequests.Row], total: Int64) {
        let account = desk.account.account
        return try desk.unit.store.read { db in
            try AppRequests.page(account: account, app: nil, filter, page: page, limit: limit, db)
        }
    }

    @Test("has every call of an app's key with its true status, refused ones too, and nobody else's")
    func everyCall() async throws {
        let agent = ["HTTP_USER_AGENT": "Shop/2.0"]
        #expect(try await desk.ask(key: desk.key, agent).status == 200)
        #expect(try await desk.ask(key: try desk.key(of: desk.appID, [.referralsRead])).status == 403)
        #expect(try await desk.ask(key: desk.key, ["CONTENT_TYPE": "text/plain"]).status == 415)
        #expect(try await desk.ask(key: try desk.key(of: nil)).status == 401)
        let id = desk.appID
        try desk.write { db in try Apps.setStatus(.suspended, of: id, at: UnitStore.noon, db) }
        #expect(try await desk.ask("GET", key: desk.key).status == 403)
        try await log.flush(to: desk.unit.store)
        let rows = try latest().reversed().map { $0 }
        #expect(rows.map(\.status) == [200, 403, 415, 403])
        #expect(rows.map(\.endpoint) == ["POST", "POST", "POST", "GET"].map { "\($0) \(AppDesk.path)" })
        #expect(rows.map(\.campaignID) == [AppDesk.campaignID, nil, nil, nil])
        #expect(rows[0].userAgent == "Shop/2.0" && rows[0].address == "192.0.2.7")
        #expect(rows.allSatisfy { $0.appID == id && $0.requestedAt == UnitStore.noon })
    }

    @Test("keeps the latest twenty thousand of an account, and little more at any moment")
    func bounded() async throws {
        for batch in 0..<3 {
            try await add((0..<AppRequests.mostWaiting).map { call(batch * AppRequests.mostWaiting + $0) })
        }
        let count = try desk.unit.store.read { db in
            try db.value("SELECT count(*) FROM app_request") as Int64? ?? 0
        }
        #expect((20_000...21_000).contains(count))
        #expect(try latest(1).first?.requestedAt == UnitStore.noon.adding(seconds: 29_999))
    }

    @Test("takes no more than it can hold between two writes")
    func waiting() async throws {
        try await add((0..<AppRequests.mostWaiting + 5).map { call($0) })
        #expect(try page().total == Int64(AppRequests.mostWaiting))
    }

    @Test("forgets what is older than ninety days, and nothing else")
    func old() async throws {
        try await add((0..<1500).map { call($0, at: UnitStore.noon.adding(days: -91)) } + [call()])
        while try await desk.unit.store.write({ db in try AppRequests.deleteOld(at: UnitStore.noon, db) }) {}
        #expect(try latest().map(\.requestedAt) == [UnitStore.noon])
    }

    @Test("shows the pages that a filter asks for")
    func pages() async throws {
        try await add([
            call(1, endpoint: "POST /api/v1/referrals", status: 201),
            call(2, endpoint: "POST /api/v1/clicks", status: 404, userAgent: "100% Robot"),
            call(3, endpoint: "GET /api/v1/stats", status: 200, address: "2001:db8::7"),
            call(4, endpoint: "POST /api/v1/clicks", status: 429),
        ])
        func found(_ change: (inout AppRequests.Filter) -> Void) throws -> [Int64] {
            var filter = AppRequests.Filter()
            change(&filter)
            let (calls, total) = try page(filter)
            #expect(total == Int64(calls.count))
            return calls.map { $0.requestedAt.seconds - UnitStore.noon.seconds }
        }
        #expect(try found { _ in } == [4, 3, 2, 1])
        #expect(try found { $0.statuses = 400...499 } == [4, 2])
        #expect(try found { $0.endpoint = "/API/v1/clicks" } == [4, 2])
        #expect(try found { $0.search = "2001:DB8" } == [3])
        #expect(try found { $0.search = "% robot" } == [2])
        #expect(try found { $0.search = "_" } == [])
        #expect(try found { $0.from = UnitStore.noon.adding(seconds: 2) } == [4, 3, 2])
        #expect(try found { $0.to = UnitStore.noon.adding(seconds: 2) } == [1])
        let second = try page(page: 2, limit: 3)
        #expect(second.calls.count == 1 && second.total == 4)
        #expect(try page(page: .max, limit: 100).calls.isEmpty)
    }
}
