import Web

/// `POST /auth/login/totp`: finishes a sign-in that was asked for its second factor. Answers the session cookie.
///
/// The token works once; a wrong code leaves it for another try, which is counted and delayed like a wrong password.
struct LogInBySecondFactor: Endpoint {
    struct Input: Codable, Sendable {
        /// From `POST /auth/login`.
        let token: Text<1, 256>
        /// Of the authenticator, or one of the recovery codes.
        let code: SecondFactor.Code
    }

    struct Profile: Codable, Sendable {
        let id: Int64
        let name: String
        let email: String
        /// After a recovery code: how many are left.
        let recoveryCodesLeft: Int64?

        enum CodingKeys: String, CodingKey {
            case id, name, email
            case recoveryCodesLeft = "recovery_codes_left"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> SignedIn<Profile> {
        let now = app.now()
        let text = input.token.value
        let waiting = try app.store.read { db in
            try SingleUseTokens.find(text, for: .secondFactor, at: now, db)?.personID.flatMap {
                try People.find($0, db)
            }
        }
        guard let person = waiting else { throw stale }
        let attempt = try await Attempt.begin(person.email, by: caller, in: app)
        let token = try SingleUseTokens.make(app)
        let finished = try await app.store.write { db -> (SignIn.Opened, SecondFactor.Kind, left: Int64)? in
            guard let kind = try SecondFactor.take(input.code, of: person.id, at: now, in: app, db) else { return nil }
            guard let taken = try SingleUseTokens.take(text, for: .secondFactor, at: now, db),
                let half = HalfSignIn(taken.data), let person = try People.find(person.id, db), !person.isDisabled
            else { throw stale }
            try attempt.succeed(isWhole: true, db)
            let opened = try SignIn.open(person, half, kind, token: token, by: caller, at: now, app.settings, db)
            return (opened, kind, try RecoveryCodes.left(of: person.id, db))
        }
        guard let (opened, kind, left) = finished else {
            try await attempt.fail(person, in: app)
            throw SecondFactor.wrong
        }
        return SignedIn(
            body: Profile(
                id: person.id,
                name: person.name,
                email: person.email,
                recoveryCodesLeft: kind == .recoveryCode ? left : nil
            ),
            cookie: opened.cookie(for: caller)
        )
    }

    private static let stale = Failure.unauthorized(
        "This sign-in has expired, please begin again",
        code: "invalid_token"
    )
}
