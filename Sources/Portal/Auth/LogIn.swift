import Crypto
import Web

/// `POST /auth/login`: by mail address and password, or by mail address and key. Answers a session cookie.
///
/// An address alone signs nobody in, and an unknown address and a wrong secret answer the same in the same time.
struct LogIn: Endpoint {
    struct Input: Codable, Sendable {
        let email: Text<1, 254>
        let password: Text<0, 1024>?
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
        let person = try email.flatMap { email in try app.store.read { db in try People.find(email: email, db) } }
        // Forms send a field that was left blank as an empty string.
        let password = input.password?.value ?? ""
        let key = password.isEmpty ? input.apiKey?.value ?? "" : ""
        let accountID =
            if !password.isEmpty {
                try await account(of: person, password: password, in: app)
            } else if !key.isEmpty {
                try account(of: person, key: key, in: app)
            } else { nil as Int64? }
        guard let person, let accountID else {
            throw Failure.unauthorized("Invalid email or credentials", code: "invalid_credentials")
        }
        let token = Base64.encode(try app.random(32), as: .url)
        let now = app.now()
        try await app.store.write { db in
            try Sessions.insert(token: token, personID: person.id, accountID: accountID, by: caller, at: now, db)
        }
        let profile = Profile(id: person.id, name: person.name, email: person.email, apiKey: key.isEmpty ? nil : key)
        return SignedIn(body: profile, token: token, isSecure: caller.isSecure)
    }

    private static func account(of person: People.Person?, password: String, in app: App) async throws -> Int64? {
        let verdict = try await app.passwords.verify(password, against: person?.passwordHash)
        guard let person, case .match(let needsRehash) = verdict else { return nil }
        if needsRehash {
            let hash = try await app.passwords.hash(password)
            try await app.store.write { db in try People.setPasswordHash(hash, of: person.id, db) }
        }
        return try app.store.read { db in try Accounts.first(ofPerson: person.id, db) }
    }

    private static func account(of person: People.Person?, key: String, in app: App) throws -> Int64? {
        let (digest, now) = (app.keyDigests.digest(of: key), app.now())
        let found = try app.store.read { db in try APIKeys.find(digest: digest, at: now, db) }
        guard let found, found.isActive, found.holder.userID == person?.id else { return nil }
        return found.holder.accountID
    }
}

/// A JSON answer that also sets the session cookie.
struct SignedIn<Body: Codable & Sendable>: Output {
    static var status: Int { 200 }
    static var contentType: String { "application/json" }
    static var schema: Schema { .probing(Body.self) }

    let body: Body
    let token: String
    let isSecure: Bool

    func response() throws -> Response {
        let cookie = SessionCookie.header(token: token, isSecure: isSecure, maxAge: Sessions.daysAtMost * 86_400)
        return Response(headers: [cookie], body: .bytes(try JSONEncoding.bytes(of: body)))
    }
}
