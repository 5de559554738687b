import Web

/// `PATCH /api/v1/members/{id}`: gives a member another role; it holds from their next request on.
///
/// Only an owner makes or unmakes owners. Who changes their own role gets a new session token with the answer (ASVS
/// 5.0, 7.2.4).
struct ChangeRole: Endpoint {
    struct Input: Codable, Sendable {
        let id: Int64
        let role: Role
    }

    struct Changed: Codable, Sendable {
        let id: Int64
        let role: Role
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> SignedIn<Changed> {
        let (holder, session) = try caller.requireSession()
        let renewal = input.id == holder.userID ? try SessionRenewal(app) : nil
        let now = app.now()
        try await app.store.write { db in
            guard let before = try Members.role(of: input.id, in: holder.accountID, db) else {
                throw Failure.notFound("There is no such member")
            }
            try Members.require(caller, toHandle: before, input.role, db: db)
            guard before != input.role else { return }
            try Members.setRole(input.role, of: input.id, in: holder.accountID, db)
            try renewal?.apply(to: session, db)
            try Audit.record(
                .roleChanged,
                by: caller,
                account: holder.accountID,
                target: "person:\(input.id)",
                detail: [.init("from", .string(before.rawValue)), .init("to", .string(input.role.rawValue))],
                at: now,
                db
            )
        }
        return SignedIn(body: Changed(id: input.id, role: input.role), cookie: renewal?.cookie(for: caller, app))
    }
}
