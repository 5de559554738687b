import Storage
import Web

/// The mail that brings an invitation.
enum InvitationMail {
    /// - Parameter token: in the link's fragment, which no server writes into its log (ASVS 5.0, 14.2.1).
    /// - Throws: ``Failure`` 429 when the account has sent too many today.
    static func queue(
        _ invitation: Invitations.Invitation,
        token: String,
        by caller: Caller,
        in app: App,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let account = invitation.accountID
        let yesterday = now.adding(days: -1)
        let sent =
            try Audit.count(.memberInvited, account: account, since: yesterday, db)
            + Audit.count(.invitationResent, account: account, since: yesterday, db)
        guard sent < Invitations.mailsPerDay else {
            throw Failure(429, "too_many_invitations", "This account has sent too many invitations today")
                .adding(Header("Retry-After", "3600"))
        }
        let inviter = caller.holder?.profile.name ?? invitation.inviter
        let letter = Letter(
            subject: "Join \(line(invitation.accountName))",
            [
                .text(
                    "\(line(inviter)) invites you to the account “\(line(invitation.accountName))” "
                        + "as \(invitation.role.rawValue)."
                ),
                .link("Accept the invitation", url: "\(app.settings.publicURL)/link.html#invite=\(token)"),
                .text(
                    "The link works for \(Invitations.daysValid) days, for this address only. "
                        + "If you do not know what this is about, do nothing."
                ),
            ]
        )
        try Mails.queue(letter, to: invitation.email, account: account, at: now, db)
    }

    /// Names are other people's text: on one line and short, they cannot pass for a part of the letter.
    private static func line(_ name: String) -> String {
        String(name.unicodeScalars.map { $0.value < 0x20 ? " " : Character($0) }.prefix(80))
    }
}
