import Web

/// `GET /api-v2/dashboard/keys` and `/api/dashboard/keys`: all keys, newest first, revoked ones too.
///
/// Two generations of clients read it, each by its own names; all of them are given.
struct ListDashboardKeys: Endpoint {
    /// These clients know of no pages.
    static let most: Int64 = 1000

    struct Key: Codable, Sendable {
        let keyID: KeyID
        let keyHint: String
        let label: String
        let tier: String
        let isActive: Bool
        let createdAt: Timestamp
        let lastUsedAt: Nullable<Timestamp>
        /// Calls of this month.
        let usageCount: Int64
        /// The key's own monthly quota; null without one.
        let usageLimit: Nullable<Int64>
        /// Requests a minute; null without a limit.
        let rateLimit: Nullable<Int64>
        let isTest: Bool

        // The names of the other generation.
        let id: KeyID
        let lastFour: String
        let created: Timestamp
        let lastUsed: Nullable<Timestamp>

        enum CodingKeys: String, CodingKey {
            case label, tier, id
            case keyID = "key_id"
            case keyHint = "key_hint"
            case isActive = "is_active"
            case createdAt = "created_at"
            case lastUsedAt = "last_used_at"
            case usageCount = "usage_count"
            case usageLimit = "usage_limit"
            case rateLimit = "rate_limit"
            case isTest = "is_test"
            case lastFour = "keyHint"
            case created = "createdAt"
            case lastUsed = "lastUsedAt"
        }

        init(_ record: KeyRecord, tier: String, usage: Int64, requestsPerMinute: Int64?, at now: Timestamp) {
            (keyID, id) = (KeyID(record.id), KeyID(record.id))
            (keyHint, lastFour) = (record.hint, String(record.hint.suffix(4)))
            (label, self.tier) = (record.settings.label, tier)
            isActive = record.status(at: now) == .active
            (createdAt, created) = (record.createdAt, record.createdAt)
            (lastUsedAt, lastUsed) = (Nullable(record.lastUsedAt), Nullable(record.lastUsedAt))
            (usageCount, usageLimit) = (usage, Nullable(record.settings.monthlyQuota))
            let own = record.settings.rateLimits.first { $0.seconds.value == 60 }?.requests.value
            rateLimit = Nullable(own ?? requestsPerMinute)
            isTest = record.settings.isTest
        }
    }

    struct Answer: JSONOutput {
        let keys: [Key]
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        let requests = app.settings.quota(of: .read).map { Int64($0) }
        return try app.store.read { db in
            let tier = try Plans.find(ofAccount: accountID, db)?.code ?? Plans.free
            let records = try APIKeys.list(of: accountID, before: .max, limit: most, db)
            return Answer(
                keys: try records.map { record in
                    let usage = try app.monthlyCalls(of: record, at: now, db)
                    return Key(record, tier: tier, usage: usage, requestsPerMinute: requests, at: now)
                }
            )
        }
    }
}

/// `POST /api-v2/dashboard/keys`, `…/keys/create` and `/api/dashboard/keys-create`: a new key, shown this once.
struct CreateDashboardKey: Endpoint {
    static let usualLabel = "API key"

    struct Input: Codable, Sendable {
        let label: Text<0, 100>?
    }

    struct Made: Codable, Sendable {
        let keyID: KeyID
        let apiKey: String
        let label: String
        let keyHint: String
        let tier: String
        var message = "Store this key safely. It will not be shown again."
        let createdAt: Timestamp

        // The names of the other generation.
        let id: KeyID
        let key: String

        enum CodingKeys: String, CodingKey {
            case label, tier, message, id, key
            case keyID = "key_id"
            case apiKey = "api_key"
            case keyHint = "key_hint"
            case createdAt = "created_at"
        }

        init(_ id: Int64, _ key: NewKey, tier: String, at now: Timestamp) {
            (keyID, self.id) = (KeyID(id), KeyID(id))
            (apiKey, self.key) = (key.key.text, key.key.text)
            (label, keyHint, self.tier, createdAt) = (key.settings.label, key.key.hint, tier, now)
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<Made> {
        let holder = try caller.requireHolder()
        let label = input.label.map { String($0.value.trimmingSpace()) } ?? ""
        let settings = KeySettings(label: label.isEmpty ? usualLabel : label)
        let new = try NewKey(prefix: KeyPrefixes.dashboardLive, settings, in: app)
        let now = app.now()
        let (id, tier) = try await app.store.write { db in
            let id = try new.insert(for: holder, by: caller, at: now, db)
            return (id, try Plans.find(ofAccount: holder.accountID, db)?.code ?? Plans.free)
        }
        return Created(Made(id, new, tier: tier, at: now))
    }
}

/// `POST /api-v2/dashboard/keys/{key_id}/revoke`, `…/keys/revoke` and `DELETE /api/dashboard/keys-delete?keyId=`. A
/// repeat answers the same.
struct RevokeDashboardKey: Endpoint {
    struct Input: Codable, Sendable {
        let keyID: KeyID?
        /// As the other generation calls it.
        let otherKeyID: KeyID?

        enum CodingKeys: String, CodingKey {
            case keyID = "key_id"
            case otherKeyID = "keyId"
        }
    }

    struct Answer: JSONOutput {
        let success: Bool
        let message: String
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        guard let id = input.keyID ?? input.otherKeyID else { throw Failure.invalid("key_id", "is required") }
        let now = app.now()
        return try await app.store.write { db in
            let record = try APIKeys.require(id, of: accountID, db)
            if try APIKeys.revoke(record.id, at: now, db) {
                try KeyNews(record).tell(.keyRevoked, by: caller, at: now, db)
            }
            return Answer(success: true, message: "Key revoked")
        }
    }
}
