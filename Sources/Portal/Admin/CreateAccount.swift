import Storage
import Web

/// `purser account create NAME --owner EMAIL`: another account for a person there is, with the opening credit.
struct CreateAccount: Endpoint {
    struct Input: Codable, Sendable {
        let name: Text<1, 120>
        let owner: Email
        let plan: Text<1, 64>?
        /// The account's own time, to try out billing with; absent: the house's.
        let testClock: Timestamp?

        enum CodingKeys: String, CodingKey {
            case name, owner, plan
            case testClock = "test_clock"
        }
    }

    struct Answer: JSONOutput {
        let account: Int64
        let plan: String
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let now = app.now()
        let plan = input.plan?.value ?? Plans.free
        return try await app.store.write { db in
            let owner = try People.require(input.owner, db)
            let id = try insert(
                name: input.name.value,
                plan: plan,
                ownerID: owner.id,
                testClock: input.testClock,
                by: caller,
                at: now,
                app.settings,
                db
            )
            return Answer(account: id, plan: plan)
        }
    }

    /// - Throws: ``Failure`` 404 for a plan that there is not.
    static func insert(
        name: String,
        plan code: String,
        ownerID: Int64,
        testClock: Timestamp? = nil,
        by caller: Caller,
        at now: Timestamp,
        _ settings: Settings,
        _ db: borrowing Database
    ) throws -> Int64 {
        guard let plan = try Plans.find(code: code, db) else { throw Failure.notFound("Plan not found") }
        let id = try Accounts.insert(name: name, planID: plan.id, ownerID: ownerID, testClock: testClock, at: now, db)
        let credit = settings.openingCredit
        try CreditGrants.give(credit, kind: .promotion, name: "Opening credit", to: id, at: now, db)
        try Audit.record(
            .accountCreated,
            by: caller,
            account: id,
            target: "account:\(id)",
            detail: [.init("name", .string(name)), .init("plan", .string(code))],
            at: now,
            db
        )
        return id
    }
}
