import Storage
import Web

/// The schedule as it is set, or as it is where nobody has set one.
struct DunningAnswer: JSONOutput {
    let graceDays: Whole<0, 365>
    let steps: [DunningSchedule.Step]

    enum CodingKeys: String, CodingKey {
        case steps
        case graceDays = "grace_days"
    }

    init(_ schedule: DunningSchedule) {
        (graceDays, steps) = (schedule.graceDays, schedule.steps)
    }
}

/// `GET /api/v1/admin/dunning`, `purser dunning show`.
struct ShowDunning: Endpoint {
    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> DunningAnswer {
        DunningAnswer(try app.store.read { db in try DunningSchedule.current(db) })
    }
}

/// `PUT /api/v1/admin/dunning`, `purser dunning set`: holds from the next step of each unpaid invoice on; a step whose
/// time is set already is taken at that time.
struct SetDunning: Endpoint {
    static func handle(_ input: DunningSchedule, by caller: Caller, in app: App) async throws -> DunningAnswer {
        try input.check()
        let now = app.now()
        return try await app.store.write { db in
            try DunningSchedule.set(input, at: now, db)
            try Audit.record(
                .dunningChanged,
                by: caller,
                account: nil,
                target: "dunning",
                detail: [.init("schedule", .string(try DunningSchedule.text(input)))],
                at: now,
                db
            )
            return DunningAnswer(input)
        }
    }
}
