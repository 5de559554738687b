import Web

/// What the members of an account decide about a key.
struct KeySettings: Sendable {
    var label: String
    var isTest = false
    var appID: Int64?
    var expiresAt: Timestamp?
    var scopes = Scopes.all
    var networks: Networks?
    var rateLimits: [RateWindow] = []
    var monthlyQuota: Int64?
}

/// A key as it is stored: everything but the key.
struct KeyRecord: Sendable {
    let id: Int64
    let accountID: Int64
    let hint: String
    let settings: KeySettings
    let countsAs: Int64
    let createdAt: Timestamp
    /// A mail address.
    let createdBy: String
    let lastUsedAt: Timestamp?
    let revokedAt: Timestamp?
    let disabledAt: Timestamp?
    let replacedBy: Int64?

    enum Status: String, Codable, Sendable, CaseIterable, Documented {
        case active, disabled, expired, revoked

        static var sample: Status { .active }
    }

    func status(at now: Timestamp) -> Status {
        if revokedAt != nil { return .revoked }
        if let end = settings.expiresAt, end <= now { return .expired }
        return disabledAt == nil ? .active : .disabled
    }
}

/// A key as `/api/v1/keys` answers it.
struct KeyView: JSONOutput {
    let id: KeyID
    let hint: String
    let label: String
    let status: KeyRecord.Status
    let isTest: Bool
    let appID: Nullable<Int64>
    /// Null: everything.
    let scopes: Nullable<[Scope]>
    /// Null: from anywhere.
    let networks: Nullable<[Network]>
    let rateLimits: [RateWindow]
    let monthlyQuota: Nullable<Int64>
    /// Calls of this month, those of the keys in whose place it came included: what the quota is enforced on.
    let monthlyUsage: Int64
    let createdAt: Timestamp
    let createdBy: String
    let lastUsedAt: Nullable<Timestamp>
    let expiresAt: Nullable<Timestamp>
    let revokedAt: Nullable<Timestamp>
    let replacedBy: Nullable<KeyID>

    enum CodingKeys: String, CodingKey {
        case id, hint, label, status, scopes, networks
        case isTest = "is_test"
        case appID = "app_id"
        case rateLimits = "rate_limits"
        case monthlyQuota = "monthly_quota"
        case monthlyUsage = "monthly_usage"
        case createdAt = "created_at"
        case createdBy = "created_by"
        case lastUsedAt = "last_used_at"
        case expiresAt = "expires_at"
        case revokedAt = "revoked_at"
        case replacedBy = "replaced_by"
    }

    init(_ record: KeyRecord, monthlyUsage: Int64, at now: Timestamp) {
        let settings = record.settings
        id = KeyID(record.id)
        (hint, label, status) = (record.hint, settings.label, record.status(at: now))
        (isTest, appID) = (settings.isTest, Nullable(settings.appID))
        (scopes, networks) = (Nullable(settings.scopes.names), Nullable(settings.networks?.list))
        (rateLimits, monthlyQuota) = (settings.rateLimits, Nullable(settings.monthlyQuota))
        self.monthlyUsage = monthlyUsage
        (createdAt, createdBy) = (record.createdAt, record.createdBy)
        (lastUsedAt, expiresAt) = (Nullable(record.lastUsedAt), Nullable(settings.expiresAt))
        (revokedAt, replacedBy) = (Nullable(record.revokedAt), Nullable(record.replacedBy.map { KeyID($0) }))
    }
}
