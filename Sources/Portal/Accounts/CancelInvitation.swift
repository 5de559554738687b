import Web

/// `DELETE /api/v1/invitations/{id}`: its link works no more.
struct CancelInvitation: Endpoint {
    struct Input: Codable, Sendable {
        let id: Int64
    }

    struct Answer: JSONOutput {
        let cancelled: Bool
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let holder = try caller.requireHolder()
        let now = app.now()
        return try await app.store.write { db in
            guard let invitation = try Invitations.find(input.id, in: holder.accountID, db) else {
                throw Failure.notFound("Invitation not found")
            }
            try Members.require(caller, toHandle: invitation.role, db: db)
            try Invitations.delete(invitation.id, db)
            try Audit.record(
                .invitationCancelled,
                by: caller,
                account: holder.accountID,
                target: "invitation:\(invitation.id)",
                detail: [.init("email", .string(invitation.email))],
                at: now,
                db
            )
            return Answer(cancelled: true)
        }
    }
}
