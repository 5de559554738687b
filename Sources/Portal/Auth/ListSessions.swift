import Web

/// `GET /api/v1/me/sessions`: where the person is signed in.
struct ListSessions: Endpoint {
    struct Answer: JSONOutput {
        let sessions: [Sessions.Listed]
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let (holder, id) = try caller.requireSession()
        let terms = holder.isOperator ? app.settings.operatorSessions : app.settings.sessions
        let now = app.now()
        return try app.store.read { db in
            Answer(
                sessions: try Sessions.list(
                    ofPerson: holder.userID,
                    current: id,
                    idleSeconds: terms.idleSeconds,
                    at: now,
                    db
                )
            )
        }
    }
}

extension Caller {
    /// For endpoints whose row admits only sessions.
    /// - Throws: ``Failure`` 401.
    func requireSession() throws -> (holder: Holder, id: Int64) {
        guard case .session(let holder, let id) = kind else { throw Failure.unauthorized("Not authenticated") }
        return (holder, id)
    }
}
