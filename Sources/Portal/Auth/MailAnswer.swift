import Web

/// The answer to whoever asks for a mail: the same words at the same moment whether there is such an account or not.
struct MailAnswer: JSONOutput {
    /// Later than the work is done, short of a store in trouble.
    private static let moment = Duration.milliseconds(100)

    var success = true
    let message: String

    struct Input: Codable, Sendable {
        let email: Email
    }

    /// Does the work and answers at its moment.
    static func given(
        _ message: String,
        _ app: App,
        after work: () async throws -> Void
    ) async throws -> MailAnswer {
        let begun = ContinuousClock.now
        try await work()
        app.outbox.wake()
        try await Task.sleep(until: begun + moment, clock: .continuous)
        return MailAnswer(message: message)
    }
}
