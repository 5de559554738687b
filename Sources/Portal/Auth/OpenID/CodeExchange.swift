import Crypto
import Outbound
import Web

/// The authorization code flow with PKCE (OpenID Connect Core 1.0, section 3.1; RFC 9700).
struct CodeExchange {
    let issuer: Issuer
    /// Ours, exactly as it is registered at the provider.
    let redirectURI: String
    let state: String
    let verifier: String
    let nonce: String

    init(_ issuer: Issuer, cookie: String, state: String, publicURL: String) {
        (self.issuer, self.state) = (issuer, state)
        redirectURI = "\(publicURL)/auth/oidc/\(issuer.provider.id)/callback"
        verifier = SignInErrand.verifier(cookie: cookie, state: state)
        nonce = SignInErrand.nonce(cookie: cookie, state: state)
    }

    private var provider: IDProvider { issuer.provider }

    /// Where the browser is sent.
    /// - Throws: as ``Issuer/metadata()``.
    func authorizationURL() async throws -> String {
        var items = [
            ("response_type", "code"), ("client_id", provider.clientID), ("redirect_uri", redirectURI),
            ("state", state), ("code_challenge", SignInErrand.challenge(verifier)), ("code_challenge_method", "S256"),
        ]
        let endpoint: String
        if provider.kind == .gitHub {
            endpoint = GitHubSignIn.authorizationEndpoint(provider)
            items.append(("scope", GitHubSignIn.scope))
        } else {
            endpoint = try await issuer.metadata().authorizationEndpoint
            items += [("scope", "openid email profile"), ("nonce", nonce)]
        }
        return endpoint + (endpoint.contains("?") ? "&" : "?") + PercentCoding.encode(items)
    }

    /// Who signed in there.
    /// - Parameter issuerNamed: the `iss` of the way back (RFC 9207).
    /// - Throws: ``TokenFault``; as the lane; ``ProviderFault``.
    func redeem(_ code: String, issuerNamed: String?, at now: Timestamp) async throws -> IDClaims {
        if provider.kind == .gitHub { return try await GitHubSignIn.redeem(code, self) }
        let metadata = try await issuer.metadata()
        guard issuerNamed != nil || !metadata.namesIssuer else { throw TokenFault("the way back names no issuer") }
        guard issuerNamed?.utf8.elementsEqual(provider.issuer.utf8) != false else {
            throw TokenFault("the way back is another issuer's")
        }
        let answer = try await token(for: code, at: metadata.tokenEndpoint, inBody: metadata.takesSecretInBody)
        guard let text = answer["id_token"]?.string else { throw TokenFault("the answer has no ID token") }
        let accessToken = answer["access_token"]?.string
        let expected = IDClaims.Expectation(
            issuer: provider.issuer,
            clientID: provider.clientID,
            nonce: nonce,
            accessToken: accessToken,
            now: now
        )
        let claims = try await issuer.verify(try JSONWebToken(text), expecting: expected)
        guard claims.email == nil, let accessToken, let endpoint = metadata.userInfoEndpoint else { return claims }
        return try await completed(claims, accessToken, endpoint)
    }

    /// Trades the code in.
    func token(for code: String, at endpoint: String, inBody: Bool) async throws -> JSONValue {
        var form = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirectURI),
            ("code_verifier", verifier),
        ]
        var headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
        if let secret = provider.clientSecret, !inBody {
            // RFC 6749, section 2.3.1: both are form-encoded first.
            let pair = PercentCoding.encode(provider.clientID) + ":" + PercentCoding.encode(secret)
            headers.append(("Authorization", "Basic " + Base64.encode(Array(pair.utf8))))
        } else {
            form.append(("client_id", provider.clientID))
            if let secret = provider.clientSecret { form.append(("client_secret", secret)) }
        }
        return try await issuer.ask(
            OutboundRequest(
                .post,
                endpoint,
                headers: headers,
                body: Array(PercentCoding.encode(form).utf8),
                timeout: Issuer.patience,
                connectTimeout: .seconds(2)
            )
        )
    }

    /// The address, by an issuer that keeps it out of its tokens; of the same subject (section 5.3.2).
    private func completed(_ claims: IDClaims, _ accessToken: String, _ endpoint: String) async throws -> IDClaims {
        let answer = try await issuer.ask(
            OutboundRequest(
                .get,
                endpoint,
                headers: [("Authorization", "Bearer \(accessToken)"), ("Accept", "application/json")],
                timeout: Issuer.patience,
                connectTimeout: .seconds(2)
            )
        )
        guard answer["sub"]?.string?.utf8.elementsEqual(claims.subject.utf8) == true else {
            throw TokenFault("the address is another subject's")
        }
        return IDClaims(
            issuer: claims.issuer,
            subject: claims.subject,
            email: answer["email"]?.string,
            isEmailVerified: answer["email_verified"] == .bool(true),
            name: claims.name ?? answer["name"]?.string
        )
    }
}
