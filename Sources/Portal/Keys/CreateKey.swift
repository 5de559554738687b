import Web

/// `POST /api/v1/keys`: a new key, shown this once.
///
/// No answer is kept for an `Idempotency-Key`: it would hold the key.
struct CreateKey: Endpoint {
    struct Input: Codable, Sendable {
        let label: KeyLabel
        /// Absent: everything.
        let scopes: [Scope]?
        /// Absent or empty: from anywhere.
        let networks: [Network]?
        let rateLimits: [RateWindow]?
        let monthlyQuota: KeyQuota?
        let expiresAt: Timestamp?
        let isTest: Bool?
        let appID: AppID?

        enum CodingKeys: String, CodingKey {
            case label, scopes, networks
            case rateLimits = "rate_limits"
            case monthlyQuota = "monthly_quota"
            case expiresAt = "expires_at"
            case isTest = "is_test"
            case appID = "app_id"
        }

        func settings() throws -> KeySettings {
            KeySettings(
                label: label.value,
                isTest: isTest ?? false,
                appID: appID?.value,
                expiresAt: expiresAt,
                scopes: scopes.map { Scopes($0) } ?? .all,
                networks: try KeySettings.networks(networks ?? []),
                rateLimits: try KeySettings.windows(rateLimits ?? []),
                monthlyQuota: monthlyQuota?.value
            )
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<ShownKey> {
        let holder = try caller.requireHolder()
        let settings = try input.settings()
        let prefixes = app.settings.keyPrefixes
        let new = try NewKey(prefix: settings.isTest ? prefixes.test : prefixes.live, settings, in: app)
        let now = app.now()
        let record = try await app.store.write { db in
            let id = try new.insert(for: holder, by: caller, at: now, db)
            return try APIKeys.require(KeyID(id), of: holder.accountID, db)
        }
        return Created(ShownKey(apiKey: new.key.text, key: KeyView(record, monthlyUsage: 0, at: now)))
    }
}

/// A new key, the only time that it is shown.
struct ShownKey: Codable, Sendable {
    var message = "Store this key safely. It will not be shown again."
    let apiKey: String
    let key: KeyView

    enum CodingKeys: String, CodingKey {
        case message, key
        case apiKey = "api_key"
    }

    init(apiKey: String, key: KeyView) {
        (self.apiKey, self.key) = (apiKey, key)
    }
}
