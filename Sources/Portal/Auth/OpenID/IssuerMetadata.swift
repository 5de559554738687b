import Web

/// An issuer's discovery document (OpenID Connect Discovery 1.0, section 4), as far as it is used.
struct IssuerMetadata: Sendable, Equatable {
    let authorizationEndpoint: String
    let tokenEndpoint: String
    let userInfoEndpoint: String?
    let keysURL: String
    /// Whether the token endpoint takes the secret only in the body.
    let takesSecretInBody: Bool
    /// Whether the way back names the issuer (RFC 9207, section 3).
    let namesIssuer: Bool

    static func url(of issuer: String) -> String {
        (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration"
    }

    /// - Throws: ``ProviderFault`` for another issuer's document, or addresses that are not to be trusted.
    init(_ document: [UInt8], of issuer: String) throws {
        guard let value = try? JSONParser.parse(document) else {
            throw ProviderFault("the discovery document is no JSON")
        }
        guard let named = value["issuer"]?.string, named.utf8.elementsEqual(issuer.utf8) else {
            throw ProviderFault("the discovery document is of another issuer")
        }
        let address = { (name: String) in value[name]?.string.flatMap { IDProvider.isTrustworthy(url: $0) ? $0 : nil } }
        guard let authorization = address("authorization_endpoint"), let token = address("token_endpoint"),
            let keys = address("jwks_uri")
        else { throw ProviderFault("the discovery document lacks an address, or has one that is not https") }
        (authorizationEndpoint, tokenEndpoint, keysURL) = (authorization, token, keys)
        userInfoEndpoint = address("userinfo_endpoint")
        namesIssuer = value["authorization_response_iss_parameter_supported"] == .bool(true)
        if case .array(let methods)? = value["token_endpoint_auth_methods_supported"] {
            takesSecretInBody = !methods.contains(.string("client_secret_basic"))
        } else {
            takesSecretInBody = false
        }
    }
}
