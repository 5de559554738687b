import Storage
import Web

/// `POST /api/v1/admin/plans`, `purser plan create`: another plan.
struct CreatePlan: Endpoint {
    struct Prices: StrictForm {
        let interval: BillingInterval
        let prices: PlanPrices

        enum CodingKeys: String, CodingKey, CaseIterable { case interval, prices }
    }

    struct Input: Codable, Sendable {
        /// Small letters, digits and `_`; a family but `metered` begins it.
        let code: PlanCode
        let name: Text<1, 120>
        let family: Plans.Family?
        let prepaid: Bool?
        let simulatorsOnly: Bool?
        let description: Text<0, 2000>?
        let features: [Text<1, 200>]?
        let trialDays: Whole<0, 730>?
        let limits: [Strict<PlanLimitForm>]?
        /// In force at once.
        let prices: [Strict<Prices>]?

        enum CodingKeys: String, CodingKey {
            case code, name, family, prepaid, description, features, limits, prices
            case simulatorsOnly = "simulators_only"
            case trialDays = "trial_days"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<PlanView> {
        let family = input.family ?? .metered
        guard family == .metered || input.code.value.hasPrefix("\(family.rawValue)_") else {
            throw Failure.invalid("code", "must begin with \(family.rawValue)_")
        }
        let terms = Plans.Terms(
            name: input.name.value,
            family: family,
            isPrepaid: input.prepaid ?? false,
            simulatorsOnly: input.simulatorsOnly ?? false,
            description: input.description?.value ?? "",
            features: (input.features ?? []).map(\.value),
            trialDays: input.trialDays?.value ?? 0,
            limits: try PlanLimitForm.limits(input.limits ?? [])
        )
        let now = app.now()
        return try await app.commit(by: caller) { db in
            let code = input.code.value
            guard try Plans.find(code: code, db) == nil else {
                throw Failure.conflict("There is a plan of that code", code: "plan_exists")
            }
            let id = try Plans.put(code, terms, db)
            for strict in input.prices ?? [] {
                let (interval, prices) = (strict.form.interval, strict.form.prices)
                _ = try PlanVersions.insert(prices, every: interval, of: id, from: now, at: now, db)
            }
            try Plans.noteChange(of: id, at: now, db)
            try Audit.record(.planCreated, by: caller, account: nil, target: "plan:\(code)", at: now, db)
            return Created(try PlanAnswer(code, db).plan)
        }
    }
}

/// `PATCH /api/v1/admin/plans/{code}`, `purser plan archive CODE`: changes what is given. Limits hold at once for
/// everybody on the plan.
struct ChangePlanTerms: Endpoint {
    struct Input: Codable, Sendable {
        let code: Text<1, 64>
        let name: Text<1, 120>?
        let prepaid: Bool?
        let simulatorsOnly: Bool?
        let description: Text<0, 2000>?
        let features: [Text<1, 200>]?
        let trialDays: Whole<0, 730>?
        let limits: [Strict<PlanLimitForm>]?
        /// No longer offered; who has it keeps it.
        let archived: Bool?

        enum CodingKeys: String, CodingKey {
            case code, name, prepaid, description, features, limits, archived
            case simulatorsOnly = "simulators_only"
            case trialDays = "trial_days"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> PlanAnswer {
        let now = app.now()
        let limits = try input.limits.map { try PlanLimitForm.limits($0) }
        return try await app.commit(by: caller) { db in
            let plan = try Plans.require(input.code.value, db)
            var terms = try Plans.Terms(plan, db)
            terms.name = input.name?.value ?? terms.name
            terms.isPrepaid = input.prepaid ?? terms.isPrepaid
            terms.simulatorsOnly = input.simulatorsOnly ?? terms.simulatorsOnly
            terms.description = input.description?.value ?? terms.description
            terms.features = input.features?.map(\.value) ?? terms.features
            terms.trialDays = input.trialDays?.value ?? terms.trialDays
            terms.limits = limits ?? terms.limits
            try Plans.put(plan.code, terms, db)
            var action = Audit.Action.planEdited
            if let archived = input.archived, archived != (plan.archivedAt != nil) {
                try archive(archived, plan, at: now, db)
                action = archived ? .planArchived : .planOffered
            }
            try Plans.noteChange(of: plan.id, at: now, db)
            try Audit.record(action, by: caller, account: nil, target: "plan:\(plan.code)", at: now, db)
            return try PlanAnswer(plan.code, db)
        }
    }

    /// - Throws: ``Failure`` 409 for a plan that accounts begin with.
    static func archive(
        _ archived: Bool,
        _ plan: Plans.Plan,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        guard plan.code != plan.family.freePlan else {
            throw Failure.conflict("The free plan is where accounts begin and end", code: "plan_needed")
        }
        try Plans.setArchived(archived ? now : nil, plan.id, db)
    }
}

/// `POST /api/v1/admin/plans/{code}/prices`, `purser plan price CODE`: prices from a moment on. They hold for new
/// subscriptions from then on, for others from their next period.
struct AddPlanPrices: Endpoint {
    struct Input: Codable, Sendable {
        let code: Text<1, 64>
        let interval: BillingInterval
        let prices: PlanPrices
        /// Absent: now.
        let effectiveFrom: Timestamp?

        enum CodingKeys: String, CodingKey {
            case code, interval, prices
            case effectiveFrom = "effective_from"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<PlanVersionView> {
        let now = app.now()
        let from = input.effectiveFrom ?? now
        guard from >= now else { throw Failure.invalid("effective_from", "must not lie in the past") }
        return try await app.commit(by: caller) { db in
            let plan = try Plans.require(input.code.value, db)
            let id = try PlanVersions.insert(input.prices, every: input.interval, of: plan.id, from: from, at: now, db)
            try Plans.noteChange(of: plan.id, at: now, db)
            try Audit.record(
                .planPriced,
                by: caller,
                account: nil,
                target: "plan:\(plan.code)",
                detail: [
                    .init("version", .integer(id)), .init("interval", .string(input.interval.rawValue)),
                    .init("currency", .string(input.prices.currency.code)), .init("from", .string(from.text)),
                ],
                at: now,
                db
            )
            return Created(try PlanVersionView(try PlanVersions.require(id, db)))
        }
    }
}

/// What names a plan: 1 to 64 small letters, digits and `_`.
struct PlanCode: Codable, Sendable, Documented {
    let value: String

    static var schema: Schema { .string(min: 1, max: 64, pattern: "^[a-z0-9_]{1,64}$", format: nil) }
    static var sample: PlanCode { PlanCode(value: "sample") }

    private init(value: String) {
        self.value = value
    }

    init(from decoder: any Decoder) throws {
        value = try decoder.singleValueContainer().decode(String.self)
        let isPlain = value.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
        guard isPlain, (1...64).contains(value.utf8.count) else {
            throw ValueFault("must be 1 to 64 small letters, digits and _")
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}
