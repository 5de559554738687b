import Web

/// `purser user list`: people by id.
struct ListPeople: Endpoint {
    struct Input: Codable, Sendable {
        /// The last id of the page before.
        let after: Int64?
        let limit: Whole<1, 1000>?
        let onlyOperators: Bool?

        enum CodingKeys: String, CodingKey {
            case after, limit
            case onlyOperators = "only_operators"
        }
    }

    struct Answer: JSONOutput {
        let people: [People.Listed]
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        try app.store.read { db in
            Answer(
                people: try People.listed(
                    after: input.after ?? 0,
                    limit: input.limit?.value ?? 100,
                    onlyOperators: input.onlyOperators ?? false,
                    db
                )
            )
        }
    }
}

/// `purser user show EMAIL`: a person, their accounts and how many sessions they have open.
struct ShowPerson: Endpoint {
    struct Account: Codable, Sendable {
        let id: Int64
        let name: String
        let role: Role
        let plan: String
        let status: String
    }

    struct Answer: JSONOutput {
        let person: People.Listed
        let accounts: [Account]
        let sessions: Int
    }

    static func handle(_ input: PersonByEmail, by caller: Caller, in app: App) async throws -> Answer {
        let now = app.now()
        return try app.store.read { db in
            let person = try People.require(input.email, db)
            return Answer(
                person: person,
                accounts: try Members.accounts(of: person.id, db).map {
                    Account(id: $0.accountID, name: $0.name, role: $0.role, plan: $0.plan, status: $0.status)
                },
                sessions: try Sessions.list(of: person, at: now, app.settings, db).count
            )
        }
    }
}
