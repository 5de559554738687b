import Storage
import Web

/// `POST /api/v1/keys/{key_id}/rotate`: a new key of the same settings, shown this once. The old one works on for
/// `grace_seconds`, a day unless told, so that servers can be moved over one by one.
struct RotateKey: Endpoint {
    static let usualGraceSeconds: Int64 = 86_400

    struct Input: Codable, Sendable {
        let keyID: KeyID
        /// Up to 30 days; 0 revokes the old key at once.
        let graceSeconds: Whole<0, 2_592_000>?

        enum CodingKeys: String, CodingKey {
            case keyID = "key_id"
            case graceSeconds = "grace_seconds"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<ShownKey> {
        let holder = try caller.requireHolder()
        let old = try app.store.read { db in try APIKeys.require(input.keyID, of: holder.accountID, db) }
        let new = try NewKey(prefix: app.settings.keyPrefixes.prefix(ofHint: old.hint), old.settings, in: app)
        let grace = input.graceSeconds?.value ?? usualGraceSeconds
        let now = app.now()
        let record = try await app.store.write { db in
            let current = try APIKeys.require(input.keyID, of: holder.accountID, db)
            let id = try new.replace(current, graceSeconds: grace, for: holder, by: caller, at: now, db)
            return try APIKeys.require(KeyID(id), of: holder.accountID, db)
        }
        let usage = try app.store.read { db in try app.monthlyCalls(of: record, at: now, db) }
        return Created(ShownKey(apiKey: new.key.text, key: KeyView(record, monthlyUsage: usage, at: now)))
    }
}

extension NewKey {
    /// - Throws: ``Failure`` 409 for a key that works no more or was replaced before.
    func replace(
        _ old: KeyRecord,
        graceSeconds: Int64,
        for holder: Caller.Holder,
        by caller: Caller,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Int64 {
        let status = old.status(at: now)
        guard status == .active, old.replacedBy == nil else {
            let state = status == .active ? "replaced" : status.rawValue
            throw Failure.conflict("This key is \(state), so it cannot be rotated", code: "key_\(state)")
        }
        let id = try APIKeys.insert(
            key,
            digest: digest,
            old.settings,
            countsAs: old.countsAs,
            accountID: old.accountID,
            personID: holder.userID,
            at: now,
            db
        )
        try APIKeys.replace(old.id, by: id, from: now.adding(seconds: graceSeconds), db)
        if graceSeconds == 0 { _ = try APIKeys.revoke(old.id, at: now, db) }
        try KeyNews(old).tell(
            .keyRotated,
            by: caller,
            detail: [.init("replaced_by", .string("key:\(id)")), .init("grace_seconds", .integer(graceSeconds))],
            at: now,
            db
        )
        let told = KeyRotationPayload(
            keyID: "\(id)",
            keyHint: key.hint,
            label: old.settings.label,
            replacedKeyID: "\(old.id)",
            replacedWorksUntil: now.adding(seconds: graceSeconds)
        )
        try Webhooks.publish(.keyRotated, account: old.accountID, data: told, at: now, db)
        return id
    }
}
