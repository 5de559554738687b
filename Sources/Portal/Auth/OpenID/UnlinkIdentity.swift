import Web

/// `DELETE /api/v1/me/identities/{id}`: that provider no longer signs one in; never the last way in.
struct UnlinkIdentity: Endpoint {
    struct Input: Codable, Sendable {
        let id: Int64
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Success {
        let holder = try caller.requireHolder()
        let (now, openID) = (app.now(), app.openID)
        let answer = try await app.commit(by: caller) { db in
            let identities = try Identities.all(ofPerson: holder.userID, db)
            guard let identity = identities.first(where: { $0.id == input.id }) else {
                throw Failure.notFound("There is no such identity")
            }
            let hasPassword = try People.find(holder.userID, db)?.passwordHash != nil
            guard hasPassword || identities.count > 1 else {
                throw Failure.conflict("This is your only way to sign in; set a password first", code: "last_way_in")
            }
            try Identities.delete(identity.id, ofPerson: holder.userID, db)
            try Audit.record(
                .identityUnlinked,
                by: caller,
                account: holder.accountID,
                target: "person:\(holder.userID)",
                detail: [.init("issuer", .string(identity.issuer))],
                at: now,
                db
            )
            let letter = Letter(
                subject: "A way to sign in was removed",
                [.text("\(openID.name(of: identity.issuer)) no longer signs you in.")]
            )
            try Mails.queue(letter, to: holder.profile.email, account: holder.accountID, at: now, db)
            return Success()
        }
        app.outbox.wake()
        return answer
    }
}
