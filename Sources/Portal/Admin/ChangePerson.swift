import Storage
import Web

/// What the commands that change a person answer: how they are now.
struct ChangedPerson: JSONOutput {
    let person: People.Listed
    let sessionsEnded: Int

    enum CodingKeys: String, CodingKey {
        case person
        case sessionsEnded = "sessions_ended"
    }

    /// Changes a person and, since what they may has changed, ends all their sessions (ASVS 5.0, 7.2.4 and 7.4.2).
    static func commit(
        _ action: Audit.Action,
        _ email: Email,
        by caller: Caller,
        in app: App,
        _ change: @escaping @Sendable (People.Listed, Timestamp, borrowing Database) throws -> Void
    ) async throws -> ChangedPerson {
        let now = app.now()
        return try await app.store.write { db in
            let before = try People.require(email, db)
            let ended = try Sessions.deleteAll(ofPerson: before.id, db)
            try change(before, now, db)
            try Audit.record(
                action,
                by: caller,
                account: nil,
                target: "person:\(before.id)",
                detail: [.init("email", .string(before.email)), .init("sessions_ended", .integer(Int64(ended)))],
                at: now,
                db
            )
            return ChangedPerson(person: try People.require(email, db), sessionsEnded: ended)
        }
    }
}

/// `purser user disable EMAIL`: no sign-in and no key of theirs works until ``EnablePerson``.
struct DisablePerson: Endpoint {
    static func handle(_ input: PersonByEmail, by caller: Caller, in app: App) async throws -> ChangedPerson {
        try await ChangedPerson.commit(.personDisabled, input.email, by: caller, in: app) { person, now, db in
            try People.disable(person.id, at: now, db)
        }
    }
}

/// `purser user enable EMAIL`.
struct EnablePerson: Endpoint {
    static func handle(_ input: PersonByEmail, by caller: Caller, in app: App) async throws -> ChangedPerson {
        try await ChangedPerson.commit(.personEnabled, input.email, by: caller, in: app) { person, _, db in
            try People.enable(person.id, db)
        }
    }
}

/// `purser user promote EMAIL`: makes a person an operator of the site.
struct PromotePerson: Endpoint {
    static func handle(_ input: PersonByEmail, by caller: Caller, in app: App) async throws -> ChangedPerson {
        try await ChangedPerson.commit(.personPromoted, input.email, by: caller, in: app) { person, _, db in
            try People.setOperator(true, person.id, db)
        }
    }
}

/// `purser user demote EMAIL`: they are an operator no more.
struct DemotePerson: Endpoint {
    static func handle(_ input: PersonByEmail, by caller: Caller, in app: App) async throws -> ChangedPerson {
        try await ChangedPerson.commit(.personDemoted, input.email, by: caller, in: app) { person, _, db in
            try People.setOperator(false, person.id, db)
        }
    }
}

/// `purser user end-sessions EMAIL`.
struct EndPersonSessions: Endpoint {
    static func handle(_ input: PersonByEmail, by caller: Caller, in app: App) async throws -> ChangedPerson {
        try await ChangedPerson.commit(.sessionsEnded, input.email, by: caller, in: app) { _, _, _ in }
    }
}

/// `purser user sessions EMAIL`: where a person is signed in.
struct ListPersonSessions: Endpoint {
    struct Answer: JSONOutput {
        let sessions: [Sessions.Listed]
    }

    static func handle(_ input: PersonByEmail, by caller: Caller, in app: App) async throws -> Answer {
        let now = app.now()
        return try app.store.read { db in
            let person = try People.require(input.email, db)
            return Answer(sessions: try Sessions.list(of: person, at: now, app.settings, db))
        }
    }
}

extension Sessions {
    /// As the person themself sees them, none being the one that asks.
    static func list(
        of person: People.Listed,
        at now: Timestamp,
        _ settings: Settings,
        _ db: borrowing Database
    ) throws -> [Listed] {
        let terms = person.isOperator ? settings.operatorSessions : settings.sessions
        return try list(ofPerson: person.id, current: 0, idleSeconds: terms.idleSeconds, at: now, db)
    }
}
