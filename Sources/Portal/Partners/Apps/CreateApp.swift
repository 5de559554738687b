import Crypto
import Storage
import Web

/// `POST /api/partner/apps`: a new app with its key, which is shown this once.
///
/// No answer is kept for an `Idempotency-Key`: it would hold the key.
struct CreateApp: Endpoint {
    struct Input: Codable, Sendable {
        let name: PartnerName?
        let description: AppDescription?
        let website: SiteURL?
        let monthlyLimit: AppMonthlyLimit?
        let fraudRules: AppFraudRules?

        /// - Throws: ``Failure`` 400.
        func terms() throws -> CustomerApp.Terms {
            guard let name, !name.value.isEmpty else { throw CustomerApp.nameless }
            return CustomerApp.Terms(
                name: name.value,
                description: description?.value ?? "",
                website: website?.value ?? "",
                monthlyLimit: monthlyLimit?.value,
                fraudRules: fraudRules?.value
            )
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<AppView> {
        let holder = try caller.requireHolder()
        let terms = try input.terms()
        let publicID = "app_\(try Random.base62(24))"
        let key = try APIKey.generate(prefix: KeyPrefixes.app)
        let now = app.now()
        return try await app.store.write { db in
            try requireRoom(in: holder.accountID, db)
            let id = try Apps.insert(terms, publicID: publicID, accountID: holder.accountID, at: now, db)
            let made = try Apps.require(publicID, of: holder.accountID, db)
            try NewKey(key, .ofApp(id, named: terms.name), in: app).insertBesidePlan(holder, by: caller, at: now, db)
            try made.record(.appCreated, by: caller, at: now, db)
            return Created(try AppView(made, key: key, in: app, at: now, db))
        }
    }

    /// - Throws: ``Failure`` 403 when the plan allows no more apps.
    static func requireRoom(in accountID: Int64, _ db: borrowing Database) throws {
        let limit = try PlanLimits.find(.apps, ofAccount: accountID, db) ?? Apps.most
        guard try Apps.count(of: accountID, db) >= limit else { return }
        let sentence = "This plan allows \(limit == 1 ? "1 app" : "\(limit) apps"); delete one or change the plan"
        throw Failure.forbidden(sentence, code: "app_limit_reached").adding(.init("upgrade_required", .bool(true)))
    }
}

extension CustomerApp {
    static let nameless = Failure.badRequest("App name is required", code: "invalid_field")

    func record(
        _ action: Audit.Action,
        by caller: Caller,
        detail: [JSONValue.Member] = [],
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try Audit.record(
            action,
            by: caller,
            account: accountID,
            target: "app:\(publicID)",
            detail: [.init("name", .string(name))] + detail,
            at: now,
            db
        )
    }
}

extension KeySettings {
    /// Of an app's own key: what the public app API asks for, and nothing of the account's.
    static func ofApp(_ id: Int64, named name: String) -> KeySettings {
        KeySettings(label: name, appID: id, scopes: Scopes([.referralsRead, .referralsWrite]))
    }
}
