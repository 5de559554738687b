import Web

/// `purser billing run`: closes what is due, a part at a time, so that whoever waits sees how far it is.
struct RunBilling: Endpoint {
    struct Input: Codable, Sendable {
        /// What was due until then; absent: until now.
        let until: Timestamp?
        let most: Whole<1, 10_000>?
    }

    struct Answer: JSONOutput {
        let closed: Int
        let failed: [Int64]
        let hasMore: Bool

        enum CodingKeys: String, CodingKey {
            case closed, failed
            case hasMore = "has_more"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let outcome = try await BillingRun.run(app, until: input.until, atMost: Int(input.most?.value ?? 500))
        // Who failed now fails again: that is no more to do for this run.
        return Answer(
            closed: outcome.closed,
            failed: outcome.failed,
            hasMore: outcome.hasMore && outcome.closed > 0 && outcome.failed.isEmpty
        )
    }
}
