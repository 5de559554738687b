import Crypto
import Web

/// `POST /auth/oidc/{provider}/start`: where to send the browser, which gets a cookie to come back with.
struct BeginIDSignIn: Endpoint {
    static let home = "/dashboard.html"

    struct Input: Codable, Sendable {
        let provider: Text<1, 32>
        let intent: SignInErrand.Intent?
        /// A path of this site to end at; the dashboard unless told otherwise.
        let next: Text<1, 512>?
    }

    struct Answer: Output {
        static var status: Int { 200 }
        static var contentType: String { "application/json" }
        static var schema: Schema { .object([.init("url", String.schema, isRequired: true)]) }

        let url: String
        let cookie: Header

        func response() throws -> Response {
            let body = JSONValue.object([.init("url", .string(url))])
            return Response(headers: [cookie], body: .bytes(try JSONEncoding.bytes(of: body)))
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let issuer = try app.openID.require(input.provider.value)
        let next = input.next?.value ?? home
        guard SignInErrand.isLocal(path: next) else {
            throw Failure.invalid("next", "must be a path of this site")
        }
        let cookie = Base64.encode(try app.random(32), as: .url)
        let state = try SingleUseTokens.make(app)
        let exchange = CodeExchange(issuer, cookie: cookie, state: state, publicURL: app.settings.publicURL)
        let url: String
        do {
            url = try await exchange.authorizationURL()
        } catch {
            app.log.warning(
                "a sign-in provider does not answer",
                metadata: ["provider": "\(issuer.provider.id)", "error": "\(error)"]
            )
            throw OpenID.unavailable
        }
        let errand = SignInErrand(
            providerID: issuer.provider.id,
            intent: input.intent ?? .signIn,
            next: next,
            cookie: cookie
        )
        let now = app.now()
        try await app.store.write { db in
            try SingleUseTokens.insert(
                state,
                for: .openIDSignIn,
                personID: nil,
                data: errand.text,
                lasting: SignInErrand.seconds,
                at: now,
                db
            )
        }
        return Answer(url: url, cookie: SignInCookie.header(cookie, isSecure: caller.isSecure))
    }
}
