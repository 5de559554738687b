import Storage
import Web

/// A plan in the words of the partner program's clients.
struct PartnerPlan: JSONOutput {
    enum Kind: String, Codable, Sendable, CaseIterable, Documented {
        case free = "FREE"
        case growth = "GROWTH"
        case pro = "PRO"
        case enterprise = "ENTERPRISE"

        static var sample: Kind { .free }

        /// What the code says, as `partner_growth` and `partner_growth_2026`; of others, whether they cost anything.
        init(_ plan: Plans.Plan, isFree: Bool) {
            let word = plan.tier.prefix { $0 != "_" }.uppercased()
            self = Kind(rawValue: word) ?? (isFree ? .free : .enterprise)
        }
    }

    /// The plan's code.
    let id: String
    let name: String
    let type: Kind
    let description: String
    let monthlyPrice: Amount
    let yearlyPrice: Amount
    let currency: String
    /// Calls a month; null: as many as one likes.
    let apiLimit: Nullable<Int64>
    let maxApps: Nullable<Int64>
    /// Of 1,000 calls beyond; 0: there are none beyond.
    let overagePrice: Dollars
    let features: [String]
    /// Whether it is offered.
    let isActive: Bool
    let createdAt: PreciseTime
    let updatedAt: PreciseTime

    /// - Parameter currency: which of its prices; where there is none, 0.
    init(_ plan: Plans.Plan, in currency: Currency = .usd, at now: Timestamp, _ db: borrowing Database) throws {
        func fee(_ interval: BillingInterval) throws -> Int64 {
            try PlanVersions.inForce(of: plan.id, currency, interval, at: now, db)?.prices.fee ?? 0
        }
        let limits = try PlanLimits.list(of: plan.id, db)
        let calls = limits.first { $0.subject == Meter.calls.rawValue }
        let (monthly, yearly) = (try fee(.month), try fee(.year))
        (id, name, description, features) = (plan.code, plan.name, plan.description, plan.features)
        type = Kind(plan, isFree: monthly == 0 && yearly == 0)
        monthlyPrice = Amount(Money(monthly, currency))
        yearlyPrice = Amount(Money(yearly, currency))
        self.currency = currency.code.uppercased()
        apiLimit = Nullable(calls?.quantity)
        maxApps = Nullable(limits.first { $0.subject == PlanLimits.Allowance.apps.rawValue }?.quantity)
        overagePrice = Dollars(micros: try (calls?.overage?.micros ?? 0).times(1000))
        isActive = plan.archivedAt == nil
        (createdAt, updatedAt) = (PreciseTime(plan.createdAt), PreciseTime(plan.updatedAt))
    }

    /// The program's, cheapest first.
    static func all(at now: Timestamp, archivedToo: Bool, _ db: borrowing Database) throws -> [PartnerPlan] {
        let plans = try Plans.list(db).filter { $0.family == .partner && (archivedToo || $0.archivedAt == nil) }
        return try plans.map { plan in
            let fee = try PlanVersions.inForce(of: plan.id, .usd, .month, at: now, db)?.prices.fee ?? 0
            return (fee, try PartnerPlan(plan, at: now, db))
        }
        .sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// - Throws: ``Failure`` 404 with the sentence that clients read, for plans of other families too.
    static func require(_ code: String, _ db: borrowing Database) throws -> Plans.Plan {
        guard let plan = try Plans.find(code: code, db), plan.family == .partner else {
            throw Failure.notFound("Plan not found")
        }
        return plan
    }
}

/// `GET /api/partner/pricing-plans`: those on offer, cheapest first.
struct ListPartnerPlans: Endpoint {
    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Listed<PartnerPlan> {
        let now = app.now()
        return Listed(try app.store.read { db in try PartnerPlan.all(at: now, archivedToo: false, db) })
    }
}
