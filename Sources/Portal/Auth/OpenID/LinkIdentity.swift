import Web

/// `POST /auth/oidc/link`: the signed-in person agrees that an identity is theirs.
///
/// The token comes from ``FinishIDSignIn`` and works once, for ten minutes, in the browser that was at the provider:
/// a link that is sent to somebody does nothing.
struct LinkIdentity: Endpoint {
    struct Input: Codable, Sendable {
        let token: Text<1, 256>
    }

    struct Answer: Output {
        static var status: Int { 200 }
        static var contentType: String { "application/json" }
        static var schema: Schema {
            .object([
                .init("success", Bool.schema, isRequired: true), .init("provider", String.schema, isRequired: true),
            ])
        }

        let provider: String
        let cookie: Header

        func response() throws -> Response {
            let body = JSONValue.object([.init("success", .bool(true)), .init("provider", .string(provider))])
            return Response(headers: [cookie], body: .bytes(try JSONEncoding.bytes(of: body)))
        }
    }

    private static let stale = Failure.badRequest(
        "This sign-in has expired or was used before; please begin again",
        code: "invalid_token"
    )

    /// - Returns: a token with which the person agrees.
    static func ask(for claims: IDClaims, _ errand: SignInErrand, in app: App) async throws -> String {
        let token = try SingleUseTokens.make(app)
        let data = JSONValue.object([
            .init("errand", .string(errand.text)),
            .init("issuer", .string(claims.issuer)),
            .init("subject", .string(claims.subject)),
            .init("email", .string(try claims.verifiedEmail().value)),
        ])
        let now = app.now()
        try await app.store.write { db in
            try SingleUseTokens.insert(
                token,
                for: .linkIdentity,
                personID: nil,
                data: String(decoding: JSONEncoding.bytes(of: data), as: UTF8.self),
                lasting: SignInErrand.seconds,
                at: now,
                db
            )
        }
        return token
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let holder = try caller.requireHolder()
        let (now, token, openID) = (app.now(), input.token.value, app.openID)
        let issuer = try await app.store.write { db in
            guard let found = try SingleUseTokens.find(token, for: .linkIdentity, at: now, db),
                let (claims, errand) = Self.claims(found.data), errand.isBound(to: caller.signInCookie)
            else { throw stale }
            // Who only wanted to sign in, and had the address of somebody, must turn out to be that somebody.
            guard errand.intent == .link || claims.email == holder.profile.email else {
                throw Failure.forbidden("This identity has the address of another person", code: "another_person")
            }
            _ = try SingleUseTokens.take(token, for: .linkIdentity, at: now, db)
            try Identities.insert(claims, personID: holder.userID, at: now, db)
            try Audit.record(
                .identityLinked,
                by: caller,
                account: holder.accountID,
                target: "person:\(holder.userID)",
                detail: [.init("issuer", .string(claims.issuer)), .init("email", .string(claims.email ?? ""))],
                at: now,
                db
            )
            let letter = Letter(
                subject: "A way to sign in was added",
                [
                    .text("From now on you can also sign in with \(openID.name(of: claims.issuer))."),
                    .text("If this was not you, remove it in your profile and change your password."),
                ]
            )
            try Mails.queue(letter, to: holder.profile.email, account: holder.accountID, at: now, db)
            return claims.issuer
        }
        app.outbox.wake()
        return Answer(
            provider: openID.name(of: issuer),
            cookie: SignInCookie.removal(isSecure: caller.isSecure)
        )
    }

    private static func claims(_ data: String) -> (IDClaims, SignInErrand)? {
        guard let value = try? JSONParser.parse(Array(data.utf8)),
            let errand = value["errand"]?.string.flatMap({ SignInErrand($0) }),
            let issuer = value["issuer"]?.string, let subject = value["subject"]?.string
        else { return nil }
        let email = value["email"]?.string
        return (IDClaims(issuer: issuer, subject: subject, email: email, isEmailVerified: true, name: nil), errand)
    }
}
