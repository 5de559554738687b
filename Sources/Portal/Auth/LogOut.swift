import Web

/// `POST /auth/logout`: ends the session on the server and takes its cookie back.
struct LogOut: Endpoint {
    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> SignedIn<Success> {
        if case .session(let holder, let id) = caller.kind {
            let now = app.now()
            try await app.store.write { db in
                try Sessions.delete(id, db)
                try Audit.record(
                    .signedOut,
                    by: caller,
                    account: holder.accountID,
                    target: "session:\(id)",
                    at: now,
                    db
                )
            }
        }
        return SignedIn(body: Success(), cookie: SessionCookie.removal(isSecure: caller.isSecure))
    }
}
