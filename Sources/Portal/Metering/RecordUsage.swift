import Web

/// `POST /billing/record-usage`: a use that has happened. It is recorded even past the limit, since it was made;
/// limits are kept by `check-limits` and `authorize`.
///
/// Clients speak two dialects. Their cost is kept for reference only: the price table decides.
struct RecordUsage: Endpoint {
    struct Input: Codable, Sendable {
        let backend: Backend
        let shots: Quantity?
        let shotsExecuted: Quantity?
        /// Of what `usage_type` names.
        let quantity: Quantity?
        let cost: Measure?
        let totalCost: Measure?
        let success: Bool?
        let usageType: Text<0, 64>?
        let qecEnabled: Bool?
        let qecDistance: Measure?
        let qecOverhead: Measure?

        enum CodingKeys: String, CodingKey {
            case backend, shots, quantity, cost, success
            case shotsExecuted = "shots_executed"
            case totalCost = "total_cost_usd"
            case usageType = "usage_type"
            case qecEnabled = "qec_enabled"
            case qecDistance = "qec_distance"
            case qecOverhead = "qec_overhead_multiplier"
        }

        /// What was used: the name of a meter in `usage_type`, else shots. Old clients write other things there.
        var meter: Meter {
            guard let name = usageType?.value, let named = ClientMeter(rawValue: name) else { return .shots }
            return named.meter
        }

        func detail() throws -> String? {
            var detail = UsageDetail()
            detail.note("client_cost", cost ?? totalCost)
            detail.note("success", success)
            detail.note("usage_type", usageType?.value)
            detail.note("qec_enabled", qecEnabled)
            detail.note("qec_distance", qecDistance)
            detail.note("qec_overhead_multiplier", qecOverhead)
            return try detail.text()
        }
    }

    struct Answer: JSONOutput {
        let recorded: Bool
        let usageID: Int64
        let cost: Dollars
        /// True when a test key asked: nothing was recorded or charged.
        let test: Bool?

        enum CodingKeys: String, CodingKey {
            case recorded, cost, test
            case usageID = "usage_id"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        // A run that failed may not know of any shots.
        guard
            let quantity = (input.quantity ?? input.shots ?? input.shotsExecuted)?.value
                ?? (input.success == false ? 0 : nil)
        else {
            throw Failure.invalid("shots_executed", "is required")
        }
        let use = Recording.Use(
            meter: input.meter,
            backend: input.backend,
            quantity: quantity,
            detail: try input.detail()
        )
        let test = caller.isTest ? true : nil
        return try await Recording.record(use, by: caller, in: app) { id, cost in
            Answer(recorded: true, usageID: id, cost: cost, test: test)
        }
    }
}
