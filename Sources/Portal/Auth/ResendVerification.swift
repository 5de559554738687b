import Web

/// `POST /auth/verify/resend`: the mail that verifies an address once more, if there is somebody whom it could verify.
struct ResendVerification: Endpoint {
    static func handle(_ input: MailAnswer.Input, by caller: Caller, in app: App) async throws -> MailAnswer {
        let sentence = "If this address waits to be confirmed, a mail is on its way."
        return try await MailAnswer.given(sentence, app) {
            let (token, now) = (try SingleUseTokens.make(app), app.now())
            try await app.store.write { db in
                guard let person = try People.find(email: input.email, db), !person.isVerified, !person.isDisabled,
                    try !VerificationMail.isTooSoon(.verifyEmail, for: person.id, at: now, db)
                else { return }
                try VerificationMail.queue(
                    token,
                    to: person.email,
                    name: person.name,
                    personID: person.id,
                    at: now,
                    app.settings,
                    db
                )
            }
        }
    }
}
