import Web

/// `DELETE /api/v1/me/sessions/{id}`: signs the person out there; the session's own cookie is taken back.
struct EndSession: Endpoint {
    struct Input: Codable, Sendable {
        let id: Whole<1, 2_147_483_647>
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> SignedIn<Success> {
        let (holder, current) = try caller.requireSession()
        let (id, now) = (input.id.value, app.now())
        try await app.store.write { db in
            guard try Sessions.delete(id, ofPerson: holder.userID, db) else {
                throw Failure.notFound("Session not found")
            }
            try Audit.record(
                .signedOut,
                by: caller,
                account: holder.accountID,
                target: "session:\(id)",
                at: now,
                db
            )
        }
        return SignedIn(
            body: Success(),
            cookie: id == current ? SessionCookie.removal(isSecure: caller.isSecure) : nil
        )
    }
}
