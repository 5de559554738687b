import Storage
import Web

/// A key on its way into the store; its text is shown once and nowhere kept.
struct NewKey: Sendable {
    let key: APIKey
    let digest: [UInt8]
    let settings: KeySettings

    init(prefix: String, _ settings: KeySettings, in app: App) throws {
        self.init(try APIKey.generate(prefix: prefix), settings, in: app)
    }

    init(_ key: APIKey, _ settings: KeySettings, in app: App) {
        self.key = key
        digest = app.keyDigests.digest(of: key.text)
        self.settings = settings
    }

    /// - Throws: ``Failure`` 403 when the plan allows no more keys, 400 for an app of somebody else's.
    func insert(for holder: Caller.Holder, by caller: Caller, at now: Timestamp, _ db: borrowing Database) throws
        -> Int64
    {
        if let limit = try PlanLimits.find(.keys, ofAccount: holder.accountID, db),
            try APIKeys.countAgainstPlan(of: holder.accountID, at: now, db) >= limit
        {
            let sentence = "This plan allows \(limit) keys; revoke one or change the plan"
            throw Failure.forbidden(sentence, code: "key_limit_reached").adding(.init("upgrade_required", .bool(true)))
        }
        try settings.check(account: holder.accountID, at: now, db)
        return try insertBesidePlan(holder, by: caller, at: now, db)
    }

    /// An app's own key, which no limit of a plan keeps it from having.
    @discardableResult
    func insertBesidePlan(_ holder: Caller.Holder, by caller: Caller, at now: Timestamp, _ db: borrowing Database)
        throws
        -> Int64
    {
        let id = try APIKeys.insert(
            key,
            digest: digest,
            settings,
            accountID: holder.accountID,
            personID: holder.userID,
            at: now,
            db
        )
        try KeyNews(id: id, hint: key.hint, label: settings.label, accountID: holder.accountID)
            .tell(.keyCreated, by: caller, at: now, db)
        return id
    }
}

extension KeySettings {
    /// What differs from `old` must make sense.
    /// - Throws: ``Failure`` 400 for an app that the account does not have, and for an end that has passed.
    func check(
        against old: KeySettings? = nil,
        account: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        if let appID, appID != old?.appID, try !Apps.has(appID, account: account, db) {
            throw Failure.invalid("app_id", "is not an app of this account")
        }
        if let expiresAt, expiresAt != old?.expiresAt, expiresAt <= now {
            throw Failure.invalid("expires_at", "must lie in the future")
        }
    }
}
