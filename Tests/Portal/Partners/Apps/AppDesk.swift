import Storage
import Web

@testable import Portal

/// A store with an account and an app in it, and two routes of the public app API that tell who came.
struct AppDesk: Sendable {
    struct WhoCame: Endpoint {
        struct Answer: JSONOutput {
            let app: Int64?
        }

        static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
            app.appRequests.note(requestID: caller.requestID, campaignID: AppDesk.campaignID)
            return Answer(app: caller.appID)
        }
    }

    static let path = "/api/v1/here"
    /// The only one, which both routes are about.
    static let campaignID: Int64 = 1
    let unit: UnitStore
    let app: App
    let serve: Serve
    let account: UnitStore.Identities
    let appID: Int64
    let key: String

    /// - Parameters:
    ///   - calls: what the account's plan allows in a month.
    ///   - bills: whether it takes more, at half a dollar a thousand.
    ///   - appLimit: the app's own.
    init(calls: Int64? = nil, bills: Bool = false, appLimit: Int64? = nil, at moment: Timestamp = UnitStore.noon)
        throws
    {
        unit = try UnitStore()
        app = try unit.app(["LIMIT_INGEST": "0"], at: moment)
        let routes = [
            Route(.post, Self.path, WhoCame.self, .appKey(.referralsWrite), .ingest, .referrals),
            Route(.get, Self.path, WhoCame.self, .appKey(.referralsRead), .ingest, .referrals),
        ]
        serve = Serve(app: app, table: try RouteTable(routes))
        try unit.store.writeBlocking { db in
            let overage = bills ? UnitPrice(micros: 500) : nil
            let limit = calls.map { PlanLimits.Limit(subject: "calls", quantity: $0, overage: overage) }
            try Plans.put("tried", Plans.Terms(name: "Tried", limits: limit.map { [$0] } ?? []), db)
        }
        account = try unit.account("ada", plan: "tried")
        let accountID = account.account
        appID = try unit.store.writeBlocking { db in
            let terms = CustomerApp.Terms(name: "Shop", monthlyLimit: appLimit)
            let id = try Apps.insert(terms, publicID: "app_shop", accountID: accountID, at: moment, db)
            let campaign = Campaign.Terms(name: "Spring")
            _ = try Campaigns.insert(
                campaign,
                publicID: "cmp_spring",
                accountID: accountID,
                appID: id,
                at: moment,
                db
            )
            return id
        }
        key = try Self.key(of: appID, [.referralsRead, .referralsWrite], account, app)
    }

    /// Another key of the account: an app's, or nobody's.
    func key(of appID: Int64?, _ scopes: [Scope] = Scope.allCases) throws -> String {
        try Self.key(of: appID, scopes, account, app)
    }

    private static func key(
        of appID: Int64?,
        _ scopes: [Scope],
        _ account: UnitStore.Identities,
        _ app: App
    ) throws -> String {
        let settings = KeySettings(label: "key", appID: appID, scopes: Scopes(scopes))
        let new = try NewKey(prefix: KeyPrefixes.app, settings, in: app)
        try app.store.writeBlocking { db in
            _ = try APIKeys.insert(
                new.key,
                digest: new.digest,
                settings,
                accountID: account.account,
                personID: account.person,
                at: app.now(),
                db
            )
        }
        return new.key.text
    }

    func ask(_ method: String = "POST", key: String?, _ more: [String: String] = [:]) async throws -> Response {
        var parameters = ["CONTENT_TYPE": "application/json", "REMOTE_ADDR": "192.0.2.7"]
        if let key { parameters["HTTP_AUTHORIZATION"] = "Bearer \(key)" }
        parameters.merge(more) { $1 }
        return await serve.answer(PlainRequest(method, Self.path, parameters, body: method == "POST" ? "{}" : ""))
    }

    func write(_ body: @escaping @Sendable (borrowing Database) throws -> Void) throws {
        try unit.store.writeBlocking(body)
    }
}

extension Response {
    /// Of a JSON answer.
    var json: JSONValue? {
        guard case .bytes(let bytes) = body else { return nil }
        return try? JSONParser.parse(bytes)
    }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}
