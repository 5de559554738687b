import Web

/// `POST /billing/log-usage`: one inference, in either of two older dialects.
///
/// Prompts and generated code are not kept: nothing here needs them, and what is not stored cannot leak.
struct LogUsage: Endpoint {
    struct Input: Codable, Sendable {
        let backend: Backend?
        let shots: Quantity?
        let timeSeconds: Measure?
        let notes: Remark?
        let cost: Measure?
        let success: Bool?
        let error: Remark?

        enum CodingKeys: String, CodingKey {
            case backend, shots, notes, cost, success, error
            case timeSeconds = "time_seconds"
        }

        func detail() throws -> String? {
            var detail = UsageDetail()
            detail.note("shots", shots.map { Measure(value: Double($0.value)) })
            detail.note("time_seconds", timeSeconds)
            detail.note("notes", notes?.text)
            detail.note("client_cost", cost)
            detail.note("success", success)
            detail.note("error", error?.text)
            return try detail.text()
        }
    }

    struct Answer: JSONOutput {
        let logged: Bool
        let usageID: Int64
        /// True when a test key asked: nothing was recorded or charged.
        let test: Bool?

        enum CodingKeys: String, CodingKey {
            case logged, test
            case usageID = "usage_id"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let use = Recording.Use(
            meter: .inferences,
            backend: input.backend ?? Backend(known: "inference"),
            quantity: 1,
            detail: try input.detail()
        )
        let test = caller.isTest ? true : nil
        return try await Recording.record(use, by: caller, in: app) { id, _ in
            Answer(logged: true, usageID: id, test: test)
        }
    }
}
