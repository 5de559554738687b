import Web

/// `PATCH /api/v1/keys/{key_id}`: changes what is given. `null` takes a limit away.
struct ChangeKey: Endpoint {
    struct Input: Codable, Sendable {
        let keyID: KeyID
        let label: KeyLabel?
        /// False switches the key off until it is true again.
        let enabled: Bool?
        let scopes: Change<[Scope]>
        let networks: Change<[Network]>
        let rateLimits: Change<[RateWindow]>
        let monthlyQuota: Change<KeyQuota>
        let expiresAt: Change<Timestamp>
        let appID: Change<AppID>

        enum CodingKeys: String, CodingKey {
            case label, enabled, scopes, networks
            case keyID = "key_id"
            case rateLimits = "rate_limits"
            case monthlyQuota = "monthly_quota"
            case expiresAt = "expires_at"
            case appID = "app_id"
        }

        func changed(_ settings: KeySettings) throws -> KeySettings {
            KeySettings(
                label: label?.value ?? settings.label,
                isTest: settings.isTest,
                appID: appID.apply(to: settings.appID.flatMap { AppID($0) })?.value,
                expiresAt: expiresAt.apply(to: settings.expiresAt),
                scopes: scopes.apply(to: settings.scopes.names).map { Scopes($0) } ?? .all,
                networks: try KeySettings.networks(networks.apply(to: settings.networks?.list) ?? []),
                rateLimits: try KeySettings.windows(rateLimits.apply(to: settings.rateLimits) ?? []),
                monthlyQuota: monthlyQuota.apply(to: settings.monthlyQuota.flatMap { KeyQuota($0) })?.value
            )
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> KeyView {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try await app.commit(by: caller) { db in
            let record = try APIKeys.require(input.keyID, of: accountID, db)
            guard record.revokedAt == nil else { throw Failure.conflict("This key is revoked", code: "key_revoked") }
            let settings = try input.changed(record.settings)
            try settings.check(against: record.settings, account: accountID, at: now, db)
            let disabledAt = input.enabled.map { $0 ? nil : record.disabledAt ?? now } ?? record.disabledAt
            try APIKeys.update(record.id, settings, disabledAt: disabledAt, db)
            try KeyNews(record).tell(.keyChanged, by: caller, at: now, db)
            let changed = try APIKeys.require(input.keyID, of: accountID, db)
            return KeyView(changed, monthlyUsage: try app.monthlyCalls(of: changed, at: now, db), at: now)
        }
    }
}
