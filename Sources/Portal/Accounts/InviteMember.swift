import Web

/// `POST /api/v1/invitations`: sends somebody a link into the account. Only an owner can invite an owner.
struct InviteMember: Endpoint {
    struct Input: Codable, Sendable {
        let email: Email
        let role: Role
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<ListInvitations.Item> {
        try await invite(input.email, as: input.role, by: caller, in: app) { Created(ListInvitations.Item($0)) }
    }

    /// - Throws: ``Failure`` 403 for a role that the caller cannot give, and without a seat; 409 for who is a member or
    ///   invited already.
    static func invite<Answer: Output>(
        _ email: Email,
        as role: Role,
        by caller: Caller,
        in app: App,
        _ answer: @escaping @Sendable (Invitations.Invitation) -> Answer
    ) async throws -> Answer {
        let holder = try caller.requireHolder()
        let token = try SingleUseTokens.make(app)
        let now = app.now()
        let answer = try await app.commit(by: caller) { db in
            try Members.require(caller, toHandle: role, db: db)
            if let person = try People.find(email: email, db),
                try Members.role(of: person.id, in: holder.accountID, db) != nil
            {
                throw Failure.conflict("This person is a member already", code: "already_member")
            }
            try Members.requireSeat(in: holder.accountID, alsoInvited: true, at: now, db)
            let id = try Invitations.insert(
                email,
                as: role,
                into: holder.accountID,
                by: holder.userID,
                token: token,
                at: now,
                db
            )
            guard let invitation = try Invitations.find(id, in: holder.accountID, db) else {
                throw Failure.notFound("Invitation not found")
            }
            try InvitationMail.queue(invitation, token: token, by: caller, in: app, at: now, db)
            try Audit.record(
                .memberInvited,
                by: caller,
                account: holder.accountID,
                target: "invitation:\(id)",
                detail: [.init("email", .string(email.value)), .init("role", .string(role.rawValue))],
                at: now,
                db
            )
            return answer(invitation)
        }
        app.outbox.wake()
        return answer
    }
}
