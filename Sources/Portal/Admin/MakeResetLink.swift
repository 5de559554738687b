import Storage
import Web

/// `purser user reset EMAIL`: prints, or mails, a link that sets a new password within half an hour. The old password
/// works until then; setting the new one ends the sessions.
struct MakeResetLink: Endpoint {
    struct Input: Codable, Sendable {
        let email: Email
        /// Sent to the person and not shown here.
        let byMail: Bool?
        /// For who has lost their device and their recovery codes.
        let removeSecondFactor: Bool?

        enum CodingKeys: String, CodingKey {
            case email
            case byMail = "by_mail"
            case removeSecondFactor = "remove_second_factor"
        }
    }

    struct Answer: JSONOutput {
        let email: String
        let link: String?
        let mailed: Bool
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let token = try SingleUseTokens.make(app)
        let now = app.now()
        let byMail = input.byMail ?? false
        try await app.store.write { db in
            guard let person = try People.find(email: input.email, db) else {
                throw Failure.notFound("There is nobody with the address \(input.email.value)")
            }
            try ForgotPassword.store(token, for: person, at: now, db)
            let target = "person:\(person.id)"
            if input.removeSecondFactor == true {
                try People.removeSeed(of: person.id, db)
                try RecoveryCodes.deleteAll(of: person.id, db)
                try Sessions.deleteAll(ofPerson: person.id, db)
                try Audit.record(.secondFactorOff, by: caller, account: nil, target: target, at: now, db)
            }
            if byMail {
                let letter = SignInLetters.resetPassword(token, name: person.name, app.settings)
                try Mails.queue(letter, to: person.email, account: nil, at: now, db)
            }
            try Audit.record(
                .resetLinkMade,
                by: caller,
                account: nil,
                target: target,
                detail: [.init("by_mail", .bool(byMail))],
                at: now,
                db
            )
        }
        app.outbox.wake()
        let link = byMail ? nil : link(token, app.settings)
        return Answer(email: input.email.value, link: link, mailed: byMail)
    }

    /// A page of ours, with the token where no server sees it.
    static func link(_ token: String, _ settings: Settings) -> String {
        "\(settings.publicURL)/link.html#reset=\(token)"
    }
}
