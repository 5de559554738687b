import Storage
import Web

/// `POST /auth/password/forgot`: a mail with a link for setting a new password, if there is such an account.
struct ForgotPassword: Endpoint {
    /// ASVS 5.0, 6.4.1.
    static let minutes: Int64 = 30

    static func handle(_ input: MailAnswer.Input, by caller: Caller, in app: App) async throws -> MailAnswer {
        let sentence = "If there is an account with this address, a mail is on its way."
        return try await MailAnswer.given(sentence, app) {
            let (token, now) = (try SingleUseTokens.make(app), app.now())
            try await app.store.write { db in
                guard let person = try People.find(email: input.email, db), !person.isDisabled,
                    try !VerificationMail.isTooSoon(.resetPassword, for: person.id, at: now, db)
                else { return }
                try store(token, for: person, at: now, db)
                let letter = SignInLetters.resetPassword(token, name: person.name, app.settings)
                try Mails.queue(letter, to: person.email, account: nil, at: now, db)
                try Audit.record(
                    .passwordResetAsked,
                    by: caller,
                    account: try Accounts.first(ofPerson: person.id, db),
                    target: "person:\(person.id)",
                    at: now,
                    db
                )
            }
        }
    }

    /// Makes `link.html#reset=TOKEN` work, and no earlier link any more; for mails, and for a shell that prints it.
    static func store(
        _ token: String,
        for person: People.Person,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try SingleUseTokens.deleteAll(.resetPassword, of: person.id, db)
        try SingleUseTokens.insert(
            token,
            for: .resetPassword,
            personID: person.id,
            lasting: minutes * 60,
            at: now,
            db
        )
    }
}
