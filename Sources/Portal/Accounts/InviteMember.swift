import Web

/// `POST /api/v1/invitations`: sends somebody a link into the account. Only an owner can invite an owner.
struct InviteMember: Endpoint {
    struct Input: Codable, Sendable {
        let email: Email
        let role: Role
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<ListInvitations.Item> {
        let holder = try caller.requireHolder()
        let token = try SingleUseTokens.make(app)
        let now = app.now()
        let answer = try await app.commit(by: caller) { db in
            try Members.require(caller, toHandle: input.role, db: db)
            if let person = try People.find(email: input.email, db),
                try Members.role(of: person.id, in: holder.accountID, db) != nil
            {
                throw Failure.conflict("This person is a member already", code: "already_member")
            }
            try Members.requireSeat(in: holder.accountID, alsoInvited: true, at: now, db)
            let id = try Invitations.insert(
                input.email,
                as: input.role,
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
                detail: [.init("email", .string(input.email.value)), .init("role", .string(input.role.rawValue))],
                at: now,
                db
            )
            return Created(ListInvitations.Item(invitation))
        }
        app.outbox.wake()
        return answer
    }
}
