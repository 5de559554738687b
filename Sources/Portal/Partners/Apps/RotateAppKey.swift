import Storage
import Web

/// `POST /api/partner/apps/{id}/rotate-key`, also `…/regenerate-key`: a new key for the app, shown this once. The old
/// one is refused from the answer on, or works on for `graceSeconds`.
struct RotateAppKey: Endpoint {
    struct Input: Codable, Sendable {
        let id: PublicID
        /// Up to 30 days; absent or 0: the old key ends at once.
        let graceSeconds: Whole<0, 2_592_000>?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<AppView> {
        let holder = try caller.requireHolder()
        let key = try APIKey.generate(prefix: KeyPrefixes.app)
        let now = app.now()
        return try await app.store.write { db in
            let owner = try Apps.require(input.id.value, of: holder.accountID, db)
            if let old = try APIKeys.own(ofApp: owner.id, of: holder.accountID, db) {
                let new = NewKey(key, old.settings, in: app)
                if old.status(at: now) == .active {
                    let grace = input.graceSeconds?.value ?? 0
                    _ = try new.replace(old, graceSeconds: grace, for: holder, by: caller, at: now, db)
                } else {
                    try RevokeKey.revoke(old.id, by: caller, at: now, db)
                    try NewKey(key, .ofApp(owner.id, named: owner.name), in: app)
                        .insertBesidePlan(holder, by: caller, at: now, db)
                }
            } else {
                try NewKey(key, .ofApp(owner.id, named: owner.name), in: app)
                    .insertBesidePlan(holder, by: caller, at: now, db)
            }
            try owner.record(.appKeyRotated, by: caller, detail: [.init("hint", .string(key.hint))], at: now, db)
            return Created(try AppView(owner, key: key, in: app, at: now, db))
        }
    }
}
