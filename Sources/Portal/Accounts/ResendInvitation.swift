import Web

/// `POST /api/v1/invitations/{id}/resend`: a new link by mail; the one before stops working. At most one a minute.
struct ResendInvitation: Endpoint {
    struct Input: Codable, Sendable {
        let id: Int64
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> ResendInvitation.Answer {
        let holder = try caller.requireHolder()
        let token = try SingleUseTokens.make(app)
        let now = app.now()
        let answer = try await app.store.write { db in
            guard let invitation = try Invitations.find(input.id, in: holder.accountID, db) else {
                throw Failure.notFound("Invitation not found")
            }
            try Members.require(caller, toHandle: invitation.role, db: db)
            let next = invitation.createdAt.adding(seconds: Invitations.secondsBetweenMails)
            guard now >= next else {
                throw Failure(429, "too_soon", "This invitation was sent a moment ago")
                    .adding(Header("Retry-After", "\(max(1, next.seconds - now.seconds))"))
            }
            try Invitations.renew(invitation.id, token: token, at: now, db)
            try InvitationMail.queue(invitation, token: token, by: caller, in: app, at: now, db)
            try Audit.record(
                .invitationResent,
                by: caller,
                account: holder.accountID,
                target: "invitation:\(invitation.id)",
                detail: [.init("email", .string(invitation.email))],
                at: now,
                db
            )
            return Answer(sent: true, expiresAt: now.adding(days: Invitations.daysValid))
        }
        app.outbox.wake()
        return answer
    }

    struct Answer: JSONOutput {
        let sent: Bool
        let expiresAt: Timestamp

        enum CodingKeys: String, CodingKey {
            case sent
            case expiresAt = "expires_at"
        }
    }
}
