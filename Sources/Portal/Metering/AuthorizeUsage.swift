import Web

/// `POST /api/v1/usage/authorize`: may this use happen? If so it is recorded and paid for in the same transaction,
/// so that any number of clients racing for the last of a quota get exactly what is left.
///
/// Both outcomes are 200; `allowed` tells them apart. With an `Idempotency-Key` a repeat answers the same and counts
/// once.
struct AuthorizeUsage: Endpoint {
    struct Input: Codable, Sendable {
        let backend: Backend
        let shots: Quantity?
        let quantity: Quantity?
        let meter: ClientMeter?
    }

    struct Answer: JSONOutput {
        let allowed: Bool
        /// Why not: `quota_exceeded`, `budget_exceeded`, `insufficient_funds`, `backend_not_in_plan`,
        /// `account_restricted` or `account_suspended`.
        var code: String?
        var reason: String?
        var upgradeRequired: Bool?
        var usageID: Int64?
        let cost: Dollars
        /// What is left of the month's limit; null without one.
        let remaining: Nullable<Int64>
        let limit: Nullable<Int64>
        let plan: String
        /// True when a test key asked: nothing was recorded or charged.
        var test: Bool?

        enum CodingKeys: String, CodingKey {
            case allowed, code, reason, cost, remaining, limit, plan, test
            case upgradeRequired = "upgrade_required"
            case usageID = "usage_id"
        }

        init(quota: Quota, cost: Dollars, used: Int64) {
            allowed = true
            self.cost = cost
            remaining = Nullable(quota.remaining.map { max(0, $0 - used) })
            limit = Nullable(quota.limit)
            plan = quota.plan
        }

        init(quota: Quota, cost: Dollars, refusal: Quota.Refusal) {
            allowed = false
            (code, reason, upgradeRequired) = (refusal.rawValue, refusal.reason, refusal.isMendedByUpgrade)
            self.cost = cost
            remaining = Nullable(quota.remaining)
            limit = Nullable(quota.limit)
            plan = quota.plan
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let meter = input.meter?.meter ?? .shots
        guard let quantity = (input.quantity ?? input.shots)?.value else {
            throw Failure.invalid("shots", "is required")
        }
        let (now, prices) = (app.now(), app.prices)
        let test = caller.isTest ? true : nil
        return try await app.meter(meter, by: caller, at: now) { quota, batch, db in
            let price = try prices.find(meter, input.backend, on: now.day, db)
            let event = UsageEvent(
                meter: meter,
                backend: input.backend,
                quantity: quantity,
                price: price,
                occurredAt: now
            )
            if let refusal = quota.refusal(of: quantity, at: price) {
                var answer = Answer(quota: quota, cost: event.cost, refusal: refusal)
                answer.test = test
                return answer
            }
            var answer = Answer(quota: quota, cost: event.cost, used: quantity)
            answer.test = test
            answer.usageID = try batch.add(event, db)
            return answer
        }
    }
}

extension AuthorizeUsage.Answer: JSONEncoding.Literal {
    func writeJSON(into out: inout [UInt8]) {
        var members = JSONMembers()
        members.add("allowed", allowed, into: &out)
        if let code { members.add("code", code, into: &out) }
        if let reason { members.add("reason", reason, into: &out) }
        if let upgradeRequired { members.add("upgrade_required", upgradeRequired, into: &out) }
        if let usageID { members.add("usage_id", usageID, into: &out) }
        members.add("cost", cost, into: &out)
        members.add("remaining", remaining, into: &out)
        members.add("limit", limit, into: &out)
        members.add("plan", plan, into: &out)
        if let test { members.add("test", test, into: &out) }
        members.end(into: &out)
    }
}
