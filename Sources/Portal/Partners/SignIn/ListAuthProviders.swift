import Web

/// `GET /api/auth/providers`: what Auth.js' clients ask for before they sign in.
struct ListAuthProviders: Endpoint {
    struct Provider: Codable, Sendable {
        let id: String
        let name: String
        let type: String
        let signinUrl: String
        let callbackUrl: String
    }

    struct Answer: JSONOutput {
        let credentials: Provider
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let base = "\(app.settings.publicURL)/api/auth"
        return Answer(
            credentials: Provider(
                id: "credentials",
                name: "Credentials",
                type: "credentials",
                signinUrl: "\(base)/signin/credentials",
                callbackUrl: "\(base)/callback/credentials"
            )
        )
    }
}
