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
            try change(before, now, db)
            let ended = try Sessions.deleteAll(ofPerson: before.id, db)
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
            try People.setDisabled(at: now, person.id, db)
        }
    }
}

/// `purser user enable EMAIL`.
struct EnablePerson: Endpoint {
    static func handle(_ input: PersonByEmail, by caller: Caller, in app: App) async throws -> ChangedPerson {
        try await ChangedPerson.commit(.personEnabled, input.email, by: caller, in: app) { person, _, db in
            try People.setDisabled(at: nil, person.id, db)
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
        let sessions: [Sessions.Summary]
    }

    static func handle(_ input: PersonByEmail, by caller: Caller, in app: App) async throws -> Answer {
        let now = app.now()
        return try app.store.read { db in
            Answer(
                sessions: try Sessions.summaries(ofPerson: try People.require(input.email, db).id, at: now, db)
            )
        }
    }
}
