import Web

/// `POST /api/v1/me/password`: a new password on showing the old one. This session goes on under a new token, the
/// person's others end.
struct ChangePassword: Endpoint {
    struct Input: Codable, Sendable {
        let currentPassword: Password
        let password: Password

        enum CodingKeys: String, CodingKey {
            case password
            case currentPassword = "current_password"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> SignedIn<Success> {
        let (holder, id) = try caller.requireSession()
        let person = try app.store.read { db in try People.find(holder.userID, db) }
        guard let person, person.passwordHash != nil else {
            // A session is not enough to make one up: only the mailbox shows that it is theirs.
            throw Failure.conflict("No password is set; ask for a link by mail to set one", code: "no_password")
        }
        try await CurrentPassword.require(
            input.currentPassword,
            of: holder,
            field: "current_password",
            by: caller,
            in: app
        )
        try PasswordRules.check(input.password, of: person.email, person.name)
        let hash = try await app.passwords.hash(input.password.value)
        let (renewal, now) = (try SessionRenewal(app), app.now())
        try await app.store.write { db in
            try renewal.apply(to: id, db)
            try People.setPasswordHash(hash, of: person.id, db)
            try SingleUseTokens.deleteAll(.resetPassword, of: person.id, db)
            try SingleUseTokens.deleteAll(.secondFactor, of: person.id, db)
            try Sessions.deleteAll(ofPerson: person.id, except: id, db)
            try Mails.queue(
                SignInLetters.passwordChanged(app.settings),
                to: person.email,
                account: nil,
                at: now,
                db
            )
            try Audit.record(
                .passwordChanged,
                by: caller,
                account: holder.accountID,
                target: "person:\(person.id)",
                at: now,
                db
            )
        }
        app.outbox.wake()
        return SignedIn(body: Success(), cookie: renewal.cookie(for: caller, app))
    }
}
