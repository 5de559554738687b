import Storage
import Web

/// A plan's prices for a currency and interval, from a moment on.
struct PlanVersionView: Codable, Sendable {
    let id: Int64
    let interval: BillingInterval
    let currency: Currency
    /// What its fees come to for an interval, before discounts and taxes.
    let amount: Amount
    let effectiveFrom: Timestamp
    let prices: PlanPrices

    enum CodingKeys: String, CodingKey {
        case id, interval, currency, amount, prices
        case effectiveFrom = "effective_from"
    }

    init(_ version: PlanVersions.Version) throws {
        (id, interval, currency) = (version.id, version.interval, version.currency)
        amount = Amount(Money(try version.prices.fee, version.currency))
        (effectiveFrom, prices) = (version.effectiveFrom, version.prices)
    }
}

/// A plan as pages and operators see it.
struct PlanView: Codable, Sendable {
    let code: String
    let name: String
    let family: Plans.Family
    /// The code without the family.
    let tier: String
    let description: String
    let features: [String]
    let trialDays: Int64
    let prepaid: Bool
    let simulatorsOnly: Bool
    let limits: [Strict<PlanLimitForm>]
    /// None: an operator gives it, and what is used costs what it costs.
    let prices: [PlanVersionView]
    /// Null: it is offered.
    let archivedAt: Nullable<Timestamp>

    enum CodingKeys: String, CodingKey {
        case code, name, family, tier, description, features, prepaid, limits, prices
        case trialDays = "trial_days"
        case simulatorsOnly = "simulators_only"
        case archivedAt = "archived_at"
    }

    init(_ plan: Plans.Plan, _ versions: [PlanVersions.Version], _ db: borrowing Database) throws {
        (code, name, family, tier) = (plan.code, plan.name, plan.family, plan.tier)
        (description, features, trialDays) = (plan.description, plan.features, plan.trialDays)
        (prepaid, simulatorsOnly) = (plan.isPrepaid, plan.simulatorsOnly)
        limits = try PlanLimits.list(of: plan.id, db).map { Strict(PlanLimitForm($0)) }
        prices = try versions.map { try PlanVersionView($0) }
        archivedAt = Nullable(plan.archivedAt)
    }
}

/// Plans, all on one page.
struct PlanList: JSONOutput {
    let data: [PlanView]
}

/// `GET /api/v1/plans`: the plans that are offered, with their prices in force.
struct ListPlans: Endpoint {
    struct Input: Codable, Sendable {
        let family: Plans.Family?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> PlanList {
        let now = app.now()
        return try app.store.read { db in
            let plans = try Plans.list(db).filter { plan in
                plan.archivedAt == nil && input.family.map { $0 == plan.family } ?? true
            }
            return PlanList(
                data: try plans.map { try PlanView($0, PlanVersions.inForce(of: $0.id, at: now, db), db) }
            )
        }
    }
}

/// `GET /api/v1/admin/plans`: all plans, with all prices they ever had or are going to have, newest first.
struct ListAllPlans: Endpoint {
    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> PlanList {
        try app.store.read { db in
            PlanList(data: try Plans.list(db).map { try PlanView($0, PlanVersions.list(of: $0.id, db), db) })
        }
    }
}

/// The plan that a path names.
struct PlanByCode: Codable, Sendable {
    let code: Text<1, 64>
}

/// A plan, as operators' requests about it answer.
struct PlanAnswer: JSONOutput {
    let plan: PlanView

    init(_ code: String, _ db: borrowing Database) throws {
        let found = try Plans.require(code, db)
        plan = try PlanView(found, PlanVersions.list(of: found.id, db), db)
    }
}

/// `GET /api/v1/admin/plans/{code}`, `purser plan show CODE`.
struct ShowPlan: Endpoint {
    static func handle(_ input: PlanByCode, by caller: Caller, in app: App) async throws -> PlanAnswer {
        try app.store.read { db in try PlanAnswer(input.code.value, db) }
    }
}
