import Web

/// `POST /api/v1/me/sessions/end-others`: signs the person out everywhere else.
struct EndOtherSessions: Endpoint {
    struct Answer: JSONOutput {
        /// How many there were.
        let ended: Int
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let (holder, current) = try caller.requireSession()
        let now = app.now()
        return try await app.store.write { db in
            let ended = try Sessions.deleteAll(ofPerson: holder.userID, except: current, db)
            if ended > 0 {
                try Audit.record(
                    .sessionsEnded,
                    by: caller,
                    account: holder.accountID,
                    target: "person:\(holder.userID)",
                    detail: [.init("ended", .integer(Int64(ended)))],
                    at: now,
                    db
                )
            }
            return Answer(ended: ended)
        }
    }
}
