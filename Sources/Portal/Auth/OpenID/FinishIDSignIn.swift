import Crypto
import Web

/// `GET /auth/oidc/{provider}/callback`: the way back from a provider. Ends on a page of this site, signed in or told
/// why not.
struct FinishIDSignIn: Endpoint {
    /// Reads `#link=` and `#identity_error=`.
    static let page = "/identity.html"
    /// Asks for the code.
    static let codePage = "/dashboard.html"

    struct Input: Codable, Sendable {
        let provider: Text<1, 32>
        let state: Text<1, 256>?
        let code: Text<1, 2048>?
        /// RFC 9207.
        let iss: Text<1, 1024>?
        let error: Text<1, 256>?
    }

    /// Why nobody is signed in; `identity.js` has a sentence for each.
    private enum Refusal: String, Error {
        /// The person said no at the provider, or the provider did.
        case denied
        /// The sign-in did not begin in this browser, took too long, or was finished before.
        case stale
        /// The provider's word does not hold.
        case refused
        case unverified
        case unavailable
        /// The person was disabled, or belongs to no account.
        case closed
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> PageRedirect {
        let issuer = try app.openID.require(input.provider.value)
        do {
            let (errand, state, cookie) = try await take(input, issuer, caller, app)
            guard let code = input.code?.value, input.error == nil else { throw Refusal.denied }
            let exchange = CodeExchange(issuer, cookie: cookie, state: state, publicURL: app.settings.publicURL)
            let claims = try await claims(exchange, code, input.iss?.value, app)
            return try await welcome(claims, errand, by: caller, in: app)
        } catch let refusal as Refusal {
            return PageRedirect(
                path: page,
                fragment: [("identity_error", refusal.rawValue)],
                cookies: [SignInCookie.removal(isSecure: caller.isSecure)]
            )
        }
    }

    /// The errand of this browser, which is over with this whatever comes of it.
    private static func take(
        _ input: Input,
        _ issuer: Issuer,
        _ caller: Caller,
        _ app: App
    ) async throws -> (SignInErrand, state: String, cookie: String) {
        guard let state = input.state?.value, let cookie = caller.signInCookie else { throw Refusal.stale }
        let now = app.now()
        let taken = try await app.store.write { db in
            try SingleUseTokens.take(state, for: .openIDSignIn, at: now, db)
        }
        guard let taken, let errand = SignInErrand(taken.data), errand.isBound(to: cookie),
            errand.providerID == issuer.provider.id
        else {
            app.log.notice("a sign-in came back that did not begin here", metadata: ["request": "\(caller.requestID)"])
            throw Refusal.stale
        }
        return (errand, state, cookie)
    }

    private static func claims(
        _ exchange: CodeExchange,
        _ code: String,
        _ issuerNamed: String?,
        _ app: App
    ) async throws -> IDClaims {
        do {
            return try await exchange.redeem(code, issuerNamed: issuerNamed, at: app.now())
        } catch {
            app.log.notice(
                "a sign-in at a provider failed",
                metadata: ["provider": "\(exchange.issuer.provider.id)", "reason": "\(error)"]
            )
            throw error is TokenFault ? Refusal.refused : Refusal.unavailable
        }
    }

    private static func welcome(
        _ claims: IDClaims,
        _ errand: SignInErrand,
        by caller: Caller,
        in app: App
    ) async throws -> PageRedirect {
        let arrival: Arrival
        do {
            arrival = try await settle(claims, errand, by: caller, in: app)
        } catch let failure as Failure where failure.code == Arrival.unverified.code {
            throw Refusal.unverified
        }
        switch arrival {
        case .known(let id), .newcomer(let id):
            return try await open(personID: id, errand, by: caller, in: app)
        case .taken:
            // The cookie stays: only this browser may link.
            let token = try await LinkIdentity.ask(for: claims, errand, in: app)
            return PageRedirect(path: page, fragment: [("link", token), ("provider", errand.providerID)])
        }
    }

    /// Who came to link an identity that nobody has is asked, whatever its address.
    private static func settle(
        _ claims: IDClaims,
        _ errand: SignInErrand,
        by caller: Caller,
        in app: App
    ) async throws -> Arrival {
        guard errand.intent == .link else { return try await Arrival.settle(claims, by: caller, in: app) }
        _ = try claims.verifiedEmail()
        let owner = try app.store.read { db in
            try Identities.person(issuer: claims.issuer, subject: claims.subject, db)
        }
        return owner.map { .known(personID: $0) } ?? .taken
    }

    private static func open(
        personID: Int64,
        _ errand: SignInErrand,
        by caller: Caller,
        in app: App
    ) async throws -> PageRedirect {
        guard let person = try app.store.read({ db in try People.find(personID, db) }) else { throw Refusal.closed }
        let outcome: SignIn.Outcome
        do {
            outcome = try await SignIn.finish(person, means: .openID, by: caller, at: app.now(), in: app)
        } catch is Failure {
            throw Refusal.closed
        }
        let removal = SignInCookie.removal(isSecure: caller.isSecure)
        switch outcome {
        case .opened(let opened):
            // Scripts cannot see the cookie, so they are told that there is one.
            let fragment = [("signed-in", "yes")]
            return PageRedirect(path: errand.next, fragment: fragment, cookies: [opened.cookie(for: caller), removal])
        case .needsSecondFactor(let token):
            var fragment = [("second-factor", token)]
            if errand.next != codePage { fragment.append(("next", errand.next)) }
            return PageRedirect(path: codePage, fragment: fragment, cookies: [removal])
        }
    }
}
