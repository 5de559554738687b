import Web

/// A caller who brings an ID token along: programs and pages that signed their user in with an issuer themselves.
enum IDTokenCaller {
    /// Fills in who it is; somebody unknown gets an account at first sight, by the rules of ``Arrival``.
    /// - Throws: ``Failure`` 401 for a token that does not hold, 403 for a person who must come another way, 503 while
    ///   the issuer's keys are not to be had.
    static func admit(_ caller: inout Caller, _ token: String, _ app: App) async throws {
        let claims = try await verify(token, for: caller, app)
        guard let known = try await person(claims, by: caller, app) else {
            throw Failure.unauthorized("Unauthorized")
        }
        // A token shows one factor, and there is nobody to ask for the other.
        guard !known.hasSecondFactor else {
            throw Failure.forbidden(
                "This person signs in with a second factor; use the website",
                code: "second_factor_required"
            )
        }
        caller.kind = .idToken(known.holder)
    }

    private static func verify(_ token: String, for caller: Caller, _ app: App) async throws -> IDClaims {
        do {
            return try await app.openID.verify(bearer: token, at: app.now())
        } catch let fault as TokenFault {
            app.log.notice(
                "an ID token was refused",
                metadata: ["reason": "\(fault)", "request": "\(caller.requestID)"]
            )
            try app.limits.countStrangers(caller, at: app.uptime())
            throw Failure.unauthorized("Unauthorized")
        } catch {
            app.log.warning("an issuer's keys cannot be had", metadata: ["error": "\(error)"])
            throw OpenID.unavailable
        }
    }

    private static func person(_ claims: IDClaims, by caller: Caller, _ app: App) async throws -> Identities.Known? {
        let find = {
            try app.store.read { db in try Identities.find(issuer: claims.issuer, subject: claims.subject, db) }
        }
        if let known = try find() { return known }
        if case .taken = try await Arrival.settle(claims, by: caller, in: app) {
            throw Failure.forbidden(
                "There is an account with this address; sign in on the website and link this identity there",
                code: "identity_not_linked"
            )
        }
        return try find()
    }
}
