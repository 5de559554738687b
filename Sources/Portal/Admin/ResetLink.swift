import Storage
import Web

/// A link that sets a password once (ASVS 5.0, 6.4.1).
enum ResetLink {
    static let seconds: Int64 = 1800

    /// Takes the place of those made before.
    static func make(
        _ token: String,
        for personID: Int64,
        at now: Timestamp,
        _ settings: Settings,
        _ db: borrowing Database
    ) throws -> String {
        try SingleUseTokens.deleteAll(.resetPassword, of: personID, db)
        try SingleUseTokens.insert(token, for: .resetPassword, personID: personID, lasting: seconds, at: now, db)
        return "\(settings.publicURL)/link.html#reset=\(token)"
    }
}

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
        let link = try await app.store.write { db in
            let person = try People.require(input.email, db)
            let link = try ResetLink.make(token, for: person.id, at: now, app.settings, db)
            let target = "person:\(person.id)"
            if input.removeSecondFactor == true {
                try People.removeSecondFactor(person.id, db)
                try Sessions.deleteAll(ofPerson: person.id, db)
                try Audit.record(.secondFactorRemoved, by: caller, account: nil, target: target, at: now, db)
            }
            if byMail { try Mails.queue(letter(link), to: person.email, account: nil, at: now, db) }
            try Audit.record(
                .resetLinkMade,
                by: caller,
                account: nil,
                target: target,
                detail: [.init("by_mail", .bool(byMail))],
                at: now,
                db
            )
            return link
        }
        app.outbox.wake()
        return Answer(email: input.email.value, link: byMail ? nil : link, mailed: byMail)
    }

    private static func letter(_ link: String) -> Letter {
        Letter(
            subject: "Set a new password",
            [
                .text("An operator of this site has made a link for you to set a new password."),
                .link("Set a new password", url: link),
                .text("It works once, for half an hour. Your old password works until then."),
            ]
        )
    }
}
