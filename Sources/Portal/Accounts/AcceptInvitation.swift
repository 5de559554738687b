import Storage
import Web

/// What accepting an invitation answers, either way.
struct AcceptedInvitation: Codable, Sendable {
    let account: Int64
    let name: String
    let role: Role
}

/// `POST /auth/invitation/accept`: a newcomer becomes a person, with the address that the mail went to as verified, a
/// member, and signed in.
///
/// Whose address has a person already must sign in and accept as them: a mail that was read by somebody else must not
/// sign anyone in.
struct AcceptInvitation: Endpoint {
    struct Input: Codable, Sendable {
        let token: Text<1, 128>
        let name: Text<1, 120>
        let password: Password
    }

    static func handle(
        _ input: Input,
        by caller: Caller,
        in app: App
    ) async throws -> SignedIn<AcceptedInvitation> {
        let asked = app.now()
        // Before a password is hashed for nothing.
        let email = try app.store.read { db in
            try newcomer(Invitations.require(token: input.token.value, at: asked, db), db)
        }
        try PasswordRules.check(input.password, of: email.value, input.name.value)
        let hash = try await app.passwords.hash(input.password.value)
        let token = try SingleUseTokens.make(app)
        let now = app.now()
        let (accepted, outcome) = try await app.store.write { db in
            let invitation = try Invitations.require(token: input.token.value, at: now, db)
            let personID = try People.insert(
                email: try newcomer(invitation, db),
                name: input.name.value,
                passwordHash: hash,
                at: now,
                db
            )
            try People.setVerified(personID, at: now, db)
            try join(invitation, personID: personID, by: caller, at: now, db)
            guard let person = try People.find(personID, db) else { throw LogIn.refusal }
            let outcome = try SignIn.finish(
                person,
                account: invitation.accountID,
                means: .invitation,
                token: token,
                by: caller,
                at: now,
                app.settings,
                db
            )
            return (AcceptedInvitation(invitation), outcome)
        }
        guard case .opened(let opened) = outcome else { throw LogIn.refusal }
        return SignedIn(body: accepted, cookie: opened.cookie(for: caller))
    }

    /// The address, where it has no person yet.
    /// - Throws: ``Failure`` 409 where it has.
    private static func newcomer(
        _ invitation: Invitations.Invitation,
        _ db: borrowing Database
    ) throws -> Email {
        guard let email = Email(invitation.email), try People.find(email: email, db) == nil else {
            throw Failure.conflict("Sign in as \(invitation.email) to accept", code: "sign_in_required")
        }
        return email
    }

    /// Makes the person a member and the invitation a thing of the past.
    static func join(
        _ invitation: Invitations.Invitation,
        personID: Int64,
        by caller: Caller,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try Members.requireSeat(in: invitation.accountID, alsoInvited: false, at: now, db)
        try Members.insert(personID, as: invitation.role, into: invitation.accountID, at: now, db)
        try Invitations.delete(invitation.id, db)
        try Notifications.add(
            .memberJoined,
            "Somebody has joined your team",
            "\(invitation.email) has accepted the invitation by \(invitation.inviter).",
            account: invitation.accountID,
            at: now,
            db
        )
        try Audit.record(
            .memberJoined,
            by: caller,
            account: invitation.accountID,
            target: "person:\(personID)",
            detail: [
                .init("email", .string(invitation.email)), .init("role", .string(invitation.role.rawValue)),
                .init("invited_by", .string(invitation.inviter)),
            ],
            at: now,
            db
        )
    }
}

/// `POST /api/v1/me/invitations/accept`: the signed-in person, whom the invitation must be to, becomes a member; the
/// session goes on in that account under a new token.
struct AcceptInvitationSignedIn: Endpoint {
    struct Input: Codable, Sendable {
        let token: Text<1, 128>
    }

    static func handle(
        _ input: Input,
        by caller: Caller,
        in app: App
    ) async throws -> SignedIn<AcceptedInvitation> {
        let (holder, session) = try caller.requireSession()
        let renewal = try SessionRenewal(app)
        let now = app.now()
        let accepted = try await app.store.write { db in
            let invitation = try Invitations.require(token: input.token.value, at: now, db)
            guard invitation.email.utf8.elementsEqual(holder.profile.email.utf8) else {
                throw Failure.forbidden("This invitation is for another address", code: "other_address")
            }
            try AcceptInvitation.join(invitation, personID: holder.userID, by: caller, at: now, db)
            try People.setVerified(holder.userID, at: now, db)
            try Sessions.setAccount(invitation.accountID, of: session, db)
            try renewal.apply(to: session, db)
            return AcceptedInvitation(invitation)
        }
        return SignedIn(body: accepted, cookie: renewal.cookie(for: caller, app))
    }
}

extension AcceptedInvitation {
    fileprivate init(_ invitation: Invitations.Invitation) {
        self.init(account: invitation.accountID, name: invitation.accountName, role: invitation.role)
    }
}
