import Web

/// `purser migrate`: opening the store has brought its schema up to date; this says how far.
struct ShowSchema: Endpoint {
    struct Answer: JSONOutput {
        let steps: Int
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        Answer(steps: migrations.count)
    }
}
