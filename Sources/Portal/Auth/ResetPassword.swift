import Web

/// `POST /auth/password/reset`: a new password by the link of a mail. Ends every sign-in of the person, and begins
/// none: the second factor, where there is one, is asked for as ever (ASVS 5.0, 6.4.3).
struct ResetPassword: Endpoint {
    struct Input: Codable, Sendable {
        let token: Text<1, 256>
        let password: Password
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Success {
        let (token, asked) = (input.token.value, app.now())
        let waiting = try app.store.read { db in
            try SingleUseTokens.find(token, for: .resetPassword, at: asked, db)?.personID
                .flatMap { try People.find($0, db) }
        }
        guard let person = waiting, !person.isDisabled else { throw SingleUseTokens.stale }
        try PasswordRules.check(input.password, of: person.email, person.name)
        let hash = try await app.passwords.hash(input.password.value)
        let now = app.now()
        try await app.store.write { db in
            guard let taken = try SingleUseTokens.take(token, for: .resetPassword, at: now, db),
                taken.personID == person.id
            else { throw SingleUseTokens.stale }
            try People.setPasswordHash(hash, of: person.id, db)
            // The link came by mail, so the mail arrived.
            try People.setVerified(person.id, at: now, db)
            try SingleUseTokens.deleteAll(of: person.id, db)
            try Sessions.deleteAll(ofPerson: person.id, db)
            try SignInFailures.clear(email: person.email, caller, app.settings, db)
            try Mails.queue(
                SignInLetters.passwordChanged(app.settings),
                to: person.email,
                account: nil,
                at: now,
                db
            )
            try Audit.record(
                .passwordReset,
                by: caller,
                account: try Accounts.first(ofPerson: person.id, db),
                target: "person:\(person.id)",
                at: now,
                db
            )
        }
        app.outbox.wake()
        return Success()
    }
}
