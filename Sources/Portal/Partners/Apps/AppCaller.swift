import Web

/// Lets an app's key in, and takes one call of its limits: the sentences are those that the clients of the public app
/// API read (contract, section 2).
enum AppCaller {
    /// - Throws: ``Failure`` 401; 403 for a suspended app or account, and past 120 % of the plan's calls; 429 with
    ///   `Retry-After` until the month's end when a limit is reached.
    static func admit(_ caller: inout Caller, _ app: App) throws {
        let invalid = Failure.unauthorized("Invalid API key", code: "invalid_key")
        let suspended = Failure.forbidden("App or partner is suspended", code: "suspended")
        guard let key = caller.presentedKey, !key.isEmpty else {
            throw Failure.unauthorized("Missing or invalid authorization header", code: "missing_key")
        }
        guard APIKey.isPlausible(key), !app.settings.keyPrefixes.isMistyped(key) else { throw invalid }
        let (digest, now) = (app.keyDigests.digest(of: key), app.now())
        guard let found = try app.store.read({ db in try APIKeys.find(digest: digest, at: now, db) }) else {
            try app.limits.countStrangers(caller, at: app.uptime())
            throw invalid
        }
        guard let appID = found.grant.appID, found.isActive || found.standing == .suspended else {
            caller.refused = .init(found)
            throw invalid
        }
        guard found.isActive else {
            caller.refused = .init(found)
            throw suspended
        }
        caller.kind = .key(found.holder, found.grant)
        if let networks = found.grant.networks, !networks.contain(caller.address) {
            throw Failure.forbidden("This API key may not be used from this address", code: "network_not_allowed")
        }
        try app.limits.admit(found.grant, at: app.uptime())
        app.keysSeen.note(found.grant.id, at: now)
        let verdict = try app.store.read { db in
            let accountID = found.holder.accountID
            let limits = try CallLimits.find(accountID: accountID, appID: appID, in: now.month, db)
            return try app.calls.take(
                1,
                of: found.grant,
                accountID: accountID,
                within: limits,
                at: now,
                in: now.month,
                db
            )
        }
        guard case .refused(let refusal) = verdict else { return }
        if refusal == .suspended { throw suspended }
        let seconds = max(1, Timestamp(day: now.month.next.firstDay).seconds - now.seconds)
        throw Failure(429, "quota_exceeded", "Monthly API limit exceeded").adding(Header("Retry-After", "\(seconds)"))
    }
}
