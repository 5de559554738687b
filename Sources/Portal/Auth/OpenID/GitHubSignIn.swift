import Outbound
import Web

/// GitHub's variant: OAuth 2.0 without ID tokens; who it was is asked of the API
/// (docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps).
enum GitHubSignIn {
    static let scope = "read:user user:email"

    static func authorizationEndpoint(_ provider: IDProvider) -> String {
        "\(provider.issuer)/login/oauth/authorize"
    }

    /// Only the primary address counts, and only if GitHub has verified it. The number is the subject: names pass on.
    /// - Throws: ``TokenFault``; as the lane.
    static func redeem(_ code: String, _ exchange: CodeExchange) async throws -> IDClaims {
        let provider = exchange.issuer.provider
        // Refusals come with 200 too, and no token.
        let endpoint = "\(provider.issuer)/login/oauth/access_token"
        let answer = try await exchange.token(for: code, at: endpoint, inBody: true)
        guard let token = answer["access_token"]?.string else {
            throw TokenFault("no access token: \(answer["error"]?.string ?? "no reason given")")
        }
        let user = try await exchange.issuer.ask(question("/user", token, provider))
        guard let number = user["id"]?.integer, number > 0 else { throw TokenFault("the user has no number") }
        let addresses = try await exchange.issuer.ask(question("/user/emails", token, provider))
        guard case .array(let list) = addresses else { throw TokenFault("the addresses are no list") }
        let primary = list.first { $0["primary"] == .bool(true) }
        return IDClaims(
            issuer: provider.issuer,
            subject: "\(number)",
            email: primary?["email"]?.string,
            isEmailVerified: primary?["verified"] == .bool(true),
            name: user["name"]?.string ?? user["login"]?.string
        )
    }

    private static func question(_ path: String, _ token: String, _ provider: IDProvider) -> OutboundRequest {
        OutboundRequest(
            .get,
            provider.apiBase + path,
            headers: [
                ("Authorization", "Bearer \(token)"), ("Accept", "application/vnd.github+json"),
                ("X-GitHub-Api-Version", "2022-11-28"), ("User-Agent", "Purser"),
            ],
            timeout: .seconds(4),
            connectTimeout: .seconds(2)
        )
    }
}
