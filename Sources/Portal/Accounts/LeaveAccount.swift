import Web

/// `POST /api/v1/members/leave`: ends one's own membership. The last owner cannot go.
///
/// The session goes on in another account of the person's, under a new token; with none left it ends.
struct LeaveAccount: Endpoint {
    struct Left: Codable, Sendable {
        let left: Int64
        /// Where the session goes on.
        let account: Nullable<Int64>
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> SignedIn<Left> {
        let (holder, session) = try caller.requireSession()
        let renewal = try SessionRenewal(app)
        let now = app.now()
        let next: Int64? = try await app.store.write { db in
            guard let role = try Members.role(of: holder.userID, in: holder.accountID, db) else {
                throw Failure.notFound("There is no such member")
            }
            let next = try Members.accounts(of: holder.userID, db).first { $0.accountID != holder.accountID }?.accountID
            // First away from the account, for its other sessions end.
            if let next {
                try Sessions.setAccount(next, of: session, db)
                try renewal.apply(to: session, db)
            }
            try Members.delete(holder.userID, from: holder.accountID, db)
            try Audit.record(
                .memberLeft,
                by: caller,
                account: holder.accountID,
                target: "person:\(holder.userID)",
                detail: [.init("role", .string(role.rawValue))],
                at: now,
                db
            )
            return next
        }
        let left = Left(left: holder.accountID, account: Nullable(next))
        let ended = SessionCookie.removal(isSecure: caller.isSecure)
        return SignedIn(body: left, cookie: next == nil ? ended : renewal.cookie(for: caller, app))
    }
}
