import Web

/// `POST /api/auth/callback/credentials`: ``LogIn`` by a form, as Auth.js' clients send it. They read `url` of the
/// answer, and of a refusal the `error` in its `url`.
///
/// Who has set up a second factor is answered 401 `second_factor_required` with a `token` for `POST /auth/login/totp`.
struct SignInByForm: Endpoint {
    static let takesForms = true

    struct Input: Codable, Sendable {
        let csrfToken: Text<0, 256>?
        let email: TypedEmail?
        let password: Password?
        let callbackUrl: Text<0, 2048>?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> SignedIn<AuthPage.Answer> {
        try FormToken.require(input.csrfToken?.value, of: caller, in: app)
        // What happens is theirs who signs in, not theirs who was signed in.
        var caller = caller
        caller.kind = .anonymous
        do {
            guard let email = Text<1, 254>(input.email?.text ?? "") else { throw LogIn.refusal }
            let wanted = LogIn.Input(email: email, password: input.password, apiKey: nil)
            let cookie = try await LogIn.handle(wanted, by: caller, in: app).cookie
            return SignedIn(body: AuthPage.callback(input.callbackUrl?.value, app.settings), cookie: cookie)
        } catch let failure as Failure where failure.status == 401 {
            let url = AuthPage.error("CredentialsSignin", code: failure.code, app.settings)
            throw failure.adding(.init("url", .string(url)))
        }
    }
}

/// `POST /api/auth/signout`: ``LogOut`` by a form; without a session there is nothing to end.
struct SignOutByForm: Endpoint {
    static let takesForms = true

    struct Input: Codable, Sendable {
        let csrfToken: Text<0, 256>?
        let callbackUrl: Text<0, 2048>?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> SignedIn<AuthPage.Answer> {
        try FormToken.require(input.csrfToken?.value, of: caller, in: app)
        let cookie = try await LogOut.handle(Empty(), by: caller, in: app).cookie
        return SignedIn(body: AuthPage.callback(input.callbackUrl?.value, app.settings), cookie: cookie)
    }
}
