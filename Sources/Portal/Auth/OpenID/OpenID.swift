import Outbound
import Web

/// The providers at which people may sign in.
struct OpenID: Sendable {
    static let unavailable = Failure.unavailable(
        "The sign-in provider does not answer",
        code: "provider_unavailable",
        retryAfter: 10
    )

    let issuers: [Issuer]

    /// One to which a browser can be sent.
    /// - Throws: ``Failure`` 404.
    func require(_ id: String) throws -> Issuer {
        guard let issuer = issuers.first(where: { $0.provider.id == id && $0.provider.kind != .bearerOnly }) else {
            throw Failure.notFound("There is no such sign-in provider")
        }
        return issuer
    }

    /// Who brings this ID token along.
    /// - Throws: ``TokenFault``; what the lane throws, when the issuer's keys are not known and cannot be had.
    func verify(bearer text: String, at now: Timestamp) async throws -> IDClaims {
        let token = try JSONWebToken(text)
        // Believed only as far as to choose the keys it must be signed by.
        let named = token.claims["iss"]?.string ?? ""
        var fault = TokenFault("an issuer that is not configured")
        // One issuer may stand there several times, with a client id each.
        for issuer in issuers where issuer.issuesTokens && issuer.provider.issuer.utf8.elementsEqual(named.utf8) {
            let expected = IDClaims.Expectation(
                issuer: issuer.provider.issuer,
                clientID: issuer.provider.clientID,
                now: now
            )
            do {
                return try await issuer.verify(token, expecting: expected)
            } catch let refused as TokenFault {
                fault = refused
            }
        }
        throw fault
    }

    /// The name of the provider by which a person knows an identity.
    func name(of issuer: String) -> String {
        issuers.first { $0.provider.issuer.utf8.elementsEqual(issuer.utf8) }?.provider.name ?? issuer
    }
}

extension Issuer {
    var issuesTokens: Bool { provider.kind != .gitHub }
}
