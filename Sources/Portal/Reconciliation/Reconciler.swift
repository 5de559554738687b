import Storage

/// What is done by itself so that nothing that happened at the provider is missed for long: refunds without an answer
/// are finished, missed events fetched every quarter of an hour, books compared each night.
struct Reconciler: Sendable {
    /// The hour, in UTC, from which the night's comparison may run.
    private static let hour: Int64 = 3
    private static let secondsBetween = 5
    private static let secondsAfterStart: Int64 = 60
    /// After a failure: the provider may be down.
    private static let secondsAfterFailure: Int64 = 60

    let app: App

    /// Runs until cancelled.
    func run() async {
        guard let stripe = app.stripe else { return }
        // What webhooks bring by themselves after a restart need not be fetched.
        var pauseUntil = app.now().adding(seconds: Self.secondsAfterStart)
        while !Task.isCancelled {
            await RefundOrders.finish(app)
            if app.now() >= pauseUntil {
                do {
                    try await runDue(stripe)
                } catch {
                    pauseUntil = app.now().adding(seconds: Self.secondsAfterFailure)
                    app.log.warning("reconciling waits", metadata: ["error": "\(error)"])
                }
            }
            try? await Task.sleep(for: .seconds(Self.secondsBetween))
        }
    }

    private func runDue(_ stripe: StripeClient) async throws {
        let now = app.now()
        let (events, books) = try app.store.read { db in
            (try Reconciliations.find(.events, db), try Reconciliations.find(.books, db))
        }
        let night = Timestamp(day: now.day).adding(seconds: Self.hour * 3600)
        if now >= night, books.map({ $0.ranAt < night }) ?? true {
            _ = try await Reconciliation.run(days: Reconciliation.days, repairs: false, stripe, app)
        } else if events.map({ $0.ranAt.adding(seconds: CatchUp.minutesBetween * 60) <= now }) ?? true {
            _ = try await CatchUp.run(stripe, app)
        }
    }
}
