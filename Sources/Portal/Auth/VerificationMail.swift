import Storage
import Web

/// The mail that shows whose address it is. An account works before it is answered.
enum VerificationMail {
    static let hours: Int64 = 72
    /// Between two of them, or two reset mails, to one person, so that nobody can fill another's mailbox.
    static let secondsApart: Int64 = 60

    /// - Parameter token: from ``SingleUseTokens/make(_:)``.
    static func queue(
        _ token: String,
        to email: String,
        name: String,
        personID: Int64,
        at now: Timestamp,
        _ settings: Settings,
        _ db: borrowing Database
    ) throws {
        try SingleUseTokens.deleteAll(.verifyEmail, of: personID, db)
        try SingleUseTokens.insert(
            token,
            for: .verifyEmail,
            personID: personID,
            // The token is good for this address only, should the person have another by then.
            data: email,
            lasting: hours * 3600,
            at: now,
            db
        )
        try Mails.queue(SignInLetters.verifyEmail(token, name: name, settings), to: email, account: nil, at: now, db)
    }

    /// Whether so little time has passed since the last mail with such a token that another would be a nuisance.
    static func isTooSoon(
        _ purpose: SingleUseTokens.Purpose,
        for personID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Bool {
        guard let last = try SingleUseTokens.newest(purpose, of: personID, at: now, db) else { return false }
        return now < last.adding(seconds: secondsApart)
    }
}
