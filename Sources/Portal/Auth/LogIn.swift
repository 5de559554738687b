import Crypto
import Web

/// `POST /auth/login`: by mail address and password, or by mail address and key. Answers a session cookie.
///
/// An address alone signs nobody in, and an unknown address and a wrong secret answer the same in the same time. Who
/// has set up a second factor is asked for it whichever of the two they brought: 401 `second_factor_required` with a
/// `token` for `POST /auth/login/totp`.
struct LogIn: Endpoint {
    static let refusal = Failure.unauthorized("Invalid email or credentials", code: "invalid_credentials")

    struct Input: Codable, Sendable {
        let email: Text<1, 254>
        let password: Password?
        let apiKey: Text<0, 256>?

        enum CodingKeys: String, CodingKey {
            case email, password
            case apiKey = "api_key"
        }
    }

    struct Profile: Codable, Sendable {
        let id: Int64
        let name: String
        let email: String
        /// As it was typed; absent after a sign-in by password.
        let apiKey: String?

        enum CodingKeys: String, CodingKey {
            case id, name, email
            case apiKey = "api_key"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> SignedIn<Profile> {
        let email = Email(input.email.value)
        // Forms send a field that was left blank as an empty string.
        let password = input.password?.value ?? ""
        let key = password.isEmpty ? input.apiKey?.value ?? "" : ""
        let attempt = try await Attempt.begin(email?.value ?? input.email.value, by: caller, in: app)
        let person = try email.flatMap { email in try app.store.read { db in try People.find(email: email, db) } }
        let proof =
            if !password.isEmpty {
                try await prove(person, byPassword: password, in: app)
            } else if !key.isEmpty {
                try prove(person, byKey: key, in: app)
            } else { nil as Proof? }
        guard let person, let proof, !person.isDisabled else {
            try await attempt.fail(person, in: app)
            throw refusal
        }
        let token = try SingleUseTokens.make(app)
        let now = app.now()
        let outcome = try await app.store.write { db in
            if let hash = proof.newHash { try People.setPasswordHash(hash, of: person.id, db) }
            let outcome = try SignIn.finish(
                person,
                account: proof.accountID,
                means: proof.means,
                token: token,
                by: caller,
                at: now,
                app.settings,
                db
            )
            if case .opened = outcome {
                try attempt.succeed(isWhole: true, db)
            } else {
                try attempt.succeed(isWhole: false, db)
            }
            return outcome
        }
        guard case .opened(let opened) = outcome else {
            throw Failure.unauthorized("Enter the code of your second factor", code: "second_factor_required")
                .adding(.init("token", .string(token)))
        }
        let profile = Profile(id: person.id, name: person.name, email: person.email, apiKey: key.isEmpty ? nil : key)
        return SignedIn(body: profile, cookie: opened.cookie(for: caller))
    }

    private struct Proof: Sendable {
        let means: SignIn.Means
        /// Nil: the person's first.
        var accountID: Int64?
        /// Where the stored hash was made at another cost than is wanted now.
        var newHash: String?
    }

    private static func prove(_ person: People.Person?, byPassword password: String, in app: App) async throws -> Proof?
    {
        let verdict = try await app.passwords.verify(password, against: person?.passwordHash)
        guard person != nil, case .match(let needsRehash) = verdict else { return nil }
        return Proof(means: .password, newHash: needsRehash ? try await app.passwords.hash(password) : nil)
    }

    private static func prove(_ person: People.Person?, byKey key: String, in app: App) throws -> Proof? {
        let (digest, now) = (app.keyDigests.digest(of: key), app.now())
        let found = try app.store.read { db in try APIKeys.find(digest: digest, at: now, db) }
        guard let found, found.isActive, found.holder.userID == person?.id else { return nil }
        return Proof(means: .key, accountID: found.holder.accountID)
    }
}
