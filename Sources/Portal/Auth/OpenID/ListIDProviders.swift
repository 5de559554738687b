import Web

/// `GET /auth/oidc/providers`: where people may sign in, for the buttons of the sign-in page.
struct ListIDProviders: Endpoint {
    struct Provider: Codable, Sendable {
        let id: String
        let name: String
    }

    struct Answer: JSONOutput {
        let providers: [Provider]
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let named = app.openID.issuers.map(\.provider).filter { $0.kind != .bearerOnly }
        return Answer(providers: named.map { Provider(id: $0.id, name: $0.name) })
    }
}
