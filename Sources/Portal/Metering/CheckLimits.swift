import Web

/// `POST /billing/check-limits`: would this use be allowed now? Nothing is recorded or reserved; see
/// ``AuthorizeUsage``.
///
/// Its clients read only 200 and 403, so a bad key is a 403 here too.
struct CheckLimits: Endpoint {
    struct Input: Codable, Sendable {
        let requestedShots: Quantity
        let backend: Backend

        enum CodingKeys: String, CodingKey {
            case backend
            case requestedShots = "requested_shots"
        }
    }

    struct Answer: JSONOutput {
        let allowed: Bool
        let cost: Dollars
        /// Null without a limit, as ``planLimit``.
        let shotsRemaining: Nullable<Int64>
        let planLimit: Nullable<Int64>
        let plan: String
        /// True when a test key asked.
        let test: Bool?

        enum CodingKeys: String, CodingKey {
            case allowed, cost, plan, test
            case shotsRemaining = "shots_remaining"
            case planLimit = "plan_limit"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let keyID = caller.keyID ?? 0
        let now = app.now()
        let (found, price) = try app.store.read { db in
            (
                try Quota.find(keyID: keyID, .shots, in: now.month, db),
                try app.prices.find(.shots, input.backend, on: now.day, db)
            )
        }
        guard let quota = found else { throw refuse(.unauthorized("Invalid API key", code: "invalid_key")) }
        if let refusal = quota.refusal(of: input.requestedShots.value, at: price) {
            throw denial(refusal.rawValue, refusal.reason, refusal.isMendedByUpgrade, quota.remaining)
        }
        return Answer(
            allowed: true,
            cost: price.cost(of: input.requestedShots.value),
            shotsRemaining: Nullable(quota.remaining),
            planLimit: Nullable(quota.limit),
            plan: quota.plan,
            test: caller.isTest ? true : nil
        )
    }

    static func refuse(_ failure: Failure) -> Failure {
        [401, 403].contains(failure.status) && failure.members.isEmpty
            ? denial(failure.code, failure.detail, false, 0) : failure
    }

    private static func denial(_ code: String, _ reason: String, _ upgrade: Bool, _ remaining: Int64?) -> Failure {
        Failure.forbidden(reason, code: code).adding(
            .init("allowed", .bool(false)),
            .init("reason", .string(reason)),
            .init("upgrade_required", .bool(upgrade)),
            .init("shots_remaining", remaining.map { .integer($0) } ?? .null)
        )
    }
}
