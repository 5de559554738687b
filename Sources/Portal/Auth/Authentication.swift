import Web

/// Decides whether a caller is who the route takes, and fills in who that is.
enum Authentication {
    /// - Parameter content: what was read already, on routes whose body is signed.
    /// - Throws: ``Failure`` 401 or 403; 400 for a bad signature.
    static func admit(
        _ caller: inout Caller,
        to route: Route,
        _ content: RequestContent?,
        _ request: some IncomingRequest,
        _ app: App
    ) async throws {
        switch route.access {
        case .open, .shell:
            break
        case .key(let scope), .bodyKey(let scope):
            try admitKey(&caller, route, app)
            try require(scope, of: caller)
        case .appKey(let scope):
            try AppCaller.admit(&caller, app)
            try require(scope, of: caller)
        case .operatorKey:
            try admitKey(&caller, route, app)
            try require(.accountRead, of: caller)
            try requireOperator(caller)
        case .visitor:
            try requireSameOrigin(route, request)
            do {
                try admitSession(&caller, app)
            } catch is Failure {
                // The cookie of a session that has ended is nobody's.
            }
        case .session(let permission):
            try requireSameOrigin(route, request)
            try admitSession(&caller, app)
            try require(permission, of: caller)
        case .person(let permission):
            try requireSameOrigin(route, request)
            try await admitPerson(&caller, app)
            try require(permission, of: caller)
        case .operatorSession:
            try requireSameOrigin(route, request)
            try admitSession(&caller, app)
            try requireOperator(caller)
            guard caller.hasSecondFactor || !app.settings.operatorsNeedSecondFactor else {
                throw Failure.forbidden("This needs a sign-in by two factors", code: "second_factor_required")
            }
        case .signed(.stripe):
            guard case .bytes(let body)? = content else { throw Failure.badRequest("Bad request") }
            try StripeSignature.verify(
                header: request.parameter("HTTP_STRIPE_SIGNATURE") ?? "",
                body: body,
                secrets: app.settings.stripeWebhookSecrets,
                now: app.now().seconds
            )
        case .signed(.github):
            guard case .bytes(let body)? = content else { throw Failure.badRequest("Bad request") }
            try await app.gitHubKeys.verify(
                signature: request.parameter("HTTP_GITHUB_PUBLIC_KEY_SIGNATURE") ?? "",
                by: request.parameter("HTTP_GITHUB_PUBLIC_KEY_IDENTIFIER") ?? "",
                of: body,
                at: app.uptime()
            )
        }
    }

    /// Whose key or session this is, for counting a call that is refused without being authenticated.
    static func recognise(_ caller: inout Caller, _ app: App) {
        if let key = caller.presentedKey, APIKey.isPlausible(key), !app.settings.keyPrefixes.isMistyped(key) {
            let (digest, now) = (app.keyDigests.digest(of: key), app.now())
            guard let found = try? app.store.read({ db in try APIKeys.find(digest: digest, at: now, db) }) else {
                return
            }
            caller.refused = .init(found)
        } else if caller.sessionToken != nil {
            try? admitSession(&caller, app)
        }
    }

    private static func require(_ scope: Scope, of caller: Caller) throws {
        guard case .key(_, let grant) = caller.kind, !grant.scopes.contains(scope) else { return }
        throw Failure.forbidden("This API key lacks the scope \(scope.rawValue)", code: "insufficient_scope")
    }

    private static func require(_ permission: Permission, of caller: Caller) throws {
        guard caller.holder?.role?.may(permission) == true else {
            throw Failure.forbidden("Your role in this account does not allow this", code: "insufficient_role")
        }
    }

    private static func requireOperator(_ caller: Caller) throws {
        guard caller.holder?.isOperator == true else { throw Failure.forbidden("Admin access required") }
    }

    private static func admitKey(_ caller: inout Caller, _ route: Route, _ app: App) throws {
        let invalid = Failure.unauthorized("Invalid API key", code: "invalid_key")
        guard let key = caller.presentedKey, !key.isEmpty else {
            throw Failure.unauthorized("Missing API key", code: "missing_key")
        }
        if app.settings.devMode, route.mock != nil, APIKey.isDevelopment(key, prefix: app.settings.keyPrefix) {
            caller.kind = .development
            return
        }
        guard APIKey.isPlausible(key), !app.settings.keyPrefixes.isMistyped(key) else { throw invalid }
        let (digest, now) = (app.keyDigests.digest(of: key), app.now())
        guard let found = try app.store.read({ db in try APIKeys.find(digest: digest, at: now, db) }) else {
            try app.limits.countStrangers(caller, at: app.uptime())
            throw invalid
        }
        guard found.isActive else {
            caller.refused = .init(found)
            throw invalid
        }
        caller.kind = .key(found.holder, found.grant)
        if let networks = found.grant.networks, !networks.contain(caller.address) {
            throw Failure.forbidden("This API key may not be used from this address", code: "network_not_allowed")
        }
        try app.limits.admit(found.grant, at: app.uptime())
        app.keysSeen.note(found.grant.id, at: now)
    }

    private static func admitSession(_ caller: inout Caller, _ app: App) throws {
        let now = app.now()
        guard let token = caller.sessionToken,
            let session = try app.store.read({ db in try Sessions.find(token: token, at: now, app.settings, db) })
        else { throw Failure.unauthorized("Not authenticated") }
        app.sessionsSeen.note(session.id, at: now)
        caller.kind = .session(session.holder, sessionID: session.id)
        caller.hasSecondFactor = session.hasSecondFactor
    }

    /// The first client generation of the developer dashboard reads this sentence.
    private static func admitPerson(_ caller: inout Caller, _ app: App) async throws {
        if let token = caller.idToken { return try await IDTokenCaller.admit(&caller, token, app) }
        guard caller.sessionToken != nil, (try? admitSession(&caller, app)) != nil else {
            throw Failure.unauthorized("Unauthorized")
        }
    }

    /// Unsafe methods by cookie only from our own pages: the cookie is `SameSite=Lax`, and this is the second lock
    /// (ASVS 5.0, 3.5.1). Browsers send `Origin` with every unsafe request; programs that send none hold no cookie.
    private static func requireSameOrigin(_ route: Route, _ request: some IncomingRequest) throws {
        guard route.method != .get else { return }
        let site = request.parameter("HTTP_SEC_FETCH_SITE")
        let isForeign = site == "cross-site" || site == "same-site"
        if let origin = request.parameter("HTTP_ORIGIN") {
            let scheme = request.parameter("HTTPS") == "on" ? "https" : "http"
            let own = "\(scheme)://\(request.parameter("HTTP_HOST") ?? "")"
            guard origin.lowercased() == own.lowercased(), !isForeign else {
                throw Failure.forbidden("This request comes from another site", code: "cross_origin")
            }
        } else if isForeign {
            throw Failure.forbidden("This request comes from another site", code: "cross_origin")
        }
    }
}
