import Storage
import Web

/// `GET /api/v1/limits`: everything that can run out, in one shape: the plan's limits, the budget, keys and apps with
/// limits of their own.
struct ListLimits: Endpoint {
    enum Kind: String, Codable, Sendable, CaseIterable, Documented {
        case plan, budget, key, app

        static var sample: Kind { .plan }
    }

    struct Limit: Codable, Sendable {
        let kind: Kind
        /// `shots`, `inferences`, `calls`, `calls_day`, `calls_total`, `keys`, `seats`, `apps` or `spending`.
        let subject: String
        /// The key's or app's; null for the whole account's limits.
        let id: Nullable<Int64>
        let label: Nullable<String>
        /// Units, or dollars of spending.
        let used: Figure
        /// Null: without end.
        let limit: Nullable<Figure>
        let remaining: Nullable<Figure>
        /// Whole percent; it may pass 100.
        let percent: Nullable<Int64>
        /// The requests that are refused past it; none: it only tells.
        let enforcedBy: [String]
        /// When the count begins anew; null: it does not.
        let resetsAt: Nullable<Timestamp>

        enum CodingKeys: String, CodingKey {
            case kind, subject, id, label, used, limit, remaining, percent
            case enforcedBy = "enforced_by"
            case resetsAt = "resets_at"
        }

        init(
            _ kind: Kind,
            _ subject: String,
            used: Int64,
            of limit: Int64?,
            enforcedBy: [String],
            resetsAt: Timestamp?,
            id: Int64? = nil,
            label: String? = nil
        ) {
            (self.kind, self.subject, self.enforcedBy) = (kind, subject, enforcedBy)
            let isMoney = kind == .budget
            func figure(_ number: Int64) -> Figure { isMoney ? Figure(Dollars(micros: number)) : Figure(number) }
            self.used = figure(used)
            self.limit = Nullable(limit.map(figure))
            remaining = Nullable(limit.map { figure(max(0, $0 - min($0, used))) })
            percent = Nullable(limit.map { UsageAlerts.percent(used, of: $0) })
            (self.id, self.label, self.resetsAt) = (Nullable(id), Nullable(label), Nullable(resetsAt))
        }
    }

    struct Answer: JSONOutput {
        /// As `2026-02`.
        let month: String
        let plan: String
        let limits: [Limit]
    }

    private static let uses = ["POST /api/v1/usage/authorize", "POST /billing/check-limits"]
    private static let calls = ["POST /api/v1/keys/verify"]

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try app.store.read { db in
            guard let plan = try Plans.find(ofAccount: accountID, db) else { throw Failure.notFound() }
            let limits =
                try planLimits(accountID, at: now, app, db) + budget(accountID, at: now, db)
                + keys(accountID, at: now, app, db) + apps(accountID, at: now, app, db)
            return Answer(month: now.month.text, plan: plan.code, limits: limits)
        }
    }

    private static func planLimits(
        _ accountID: Int64,
        at now: Timestamp,
        _ app: App,
        _ db: borrowing Database
    ) throws -> [Limit] {
        var limits: [Limit] = []
        for meter in Meter.allCases {
            let isCalls = meter == .calls
            let used =
                isCalls
                ? try app.monthlyCalls(ofAccount: accountID, at: now, db).used
                : try UsageRollups.month(now.month, meter, of: accountID, db).quantity
            let limit = try PlanLimits.find(meter, ofAccount: accountID, db)
            // These few accounts use; where they are neither used nor limited there is nothing to say.
            if [.embedding, .tts, .stt].contains(meter), used == 0, limit == nil { continue }
            limits.append(
                Limit(
                    .plan,
                    meter.rawValue,
                    used: used,
                    of: limit,
                    enforcedBy: isCalls ? calls : uses,
                    resetsAt: now.month.end
                )
            )
        }
        let keys = Limit(
            .plan,
            "keys",
            used: try APIKeys.countAgainstPlan(of: accountID, at: now, db),
            of: try PlanLimits.find(.keys, ofAccount: accountID, db),
            enforcedBy: ["POST /api/v1/keys"],
            resetsAt: nil
        )
        return try limits + [keys] + allowances(accountID, at: now, app, db)
    }

    /// What only some plans limit.
    private static func allowances(
        _ id: Int64,
        at now: Timestamp,
        _ app: App,
        _ db: borrowing Database
    ) throws -> [Limit] {
        let limits = try CallLimits.find(accountID: id, appID: nil, in: now.month, db)
        var found = try limits.cells(id, on: now.day).map { cell in
            let used = try app.calls.used(cell, ofAccount: id, in: now.month, at: now, db)
            guard case .day(_, let day) = cell else {
                return Limit(.plan, "calls_total", used: used, of: limits.total, enforcedBy: calls, resetsAt: nil)
            }
            let tomorrow = Timestamp(day: day).adding(days: 1)
            return Limit(.plan, "calls_day", used: used, of: limits.day, enforcedBy: calls, resetsAt: tomorrow)
        }
        if let seats = try PlanLimits.find(.seats, ofAccount: id, db) {
            let used = try Members.count(in: id, db)
            let refused = ["POST /api/v1/invitations", "POST /auth/invitation/accept"]
            found.append(Limit(.plan, "seats", used: used, of: seats, enforcedBy: refused, resetsAt: nil))
        }
        if let apps = try PlanLimits.find(.apps, ofAccount: id, db) {
            let used = try Apps.count(of: id, db)
            let refused = ["POST /api/partner/apps"]
            found.append(Limit(.plan, "apps", used: used, of: apps, enforcedBy: refused, resetsAt: nil))
        }
        return found
    }

    private static func budget(_ id: Int64, at now: Timestamp, _ db: borrowing Database) throws -> [Limit] {
        guard let budget = try Budgets.find(id, db) else { return [] }
        let spent = try UsageRollups.cost(of: now.month, account: id, db)
        return [
            Limit(
                .budget,
                "spending",
                used: spent.micros,
                of: budget.micros,
                enforcedBy: budget.stops ? uses : [],
                resetsAt: now.month.end
            )
        ]
    }

    /// Of those that work, the newest two hundred.
    private static func keys(
        _ accountID: Int64,
        at now: Timestamp,
        _ app: App,
        _ db: borrowing Database
    ) throws -> [Limit] {
        let keys = try APIKeys.list(of: accountID, before: .max, limit: 200, db)
        return try keys.filter { $0.status(at: now) == .active && $0.settings.monthlyQuota != nil }.map { key in
            Limit(
                .key,
                "calls",
                used: try app.monthlyCalls(of: key, at: now, db),
                of: key.settings.monthlyQuota,
                enforcedBy: calls,
                resetsAt: now.month.end,
                id: key.id,
                label: key.settings.label
            )
        }
    }

    private static func apps(
        _ accountID: Int64,
        at now: Timestamp,
        _ app: App,
        _ db: borrowing Database
    ) throws -> [Limit] {
        try Apps.limited(of: accountID, db).map { found in
            Limit(
                .app,
                "calls",
                used: try app.calls.used(.app(found.id), ofAccount: accountID, in: now.month, at: now, db),
                of: found.limit,
                enforcedBy: calls,
                resetsAt: now.month.end,
                id: found.id,
                label: found.name
            )
        }
    }
}

extension Month {
    /// The moment at which the next one begins.
    var end: Timestamp { Timestamp(day: next.firstDay) }
}
