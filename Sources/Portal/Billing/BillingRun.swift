import Logging
import Storage
import Synchronization

/// Closes the billing periods that are due, account by account.
enum BillingRun {
    /// At once on their way to the writer, which puts them into one commit.
    private static let slice = 50
    private static let logEvery = 1000

    struct Outcome: Sendable, Equatable {
        var closed = 0
        /// Accounts whose period could not be closed; they are tried again by the next run.
        var failed: [Int64] = []
        /// Whether the run ended before it was through.
        var hasMore = false
    }

    /// - Parameters:
    ///   - moment: what was due until then; nil: until now.
    ///   - most: periods after which it ends early.
    @discardableResult
    static func run(_ app: App, until moment: Timestamp? = nil, atMost most: Int = .max) async throws -> Outcome {
        let now = app.now()
        let until = min(moment ?? now, now)
        var outcome = Outcome()
        var logged = 0
        while outcome.closed < most {
            let skipped = Set(outcome.failed)
            // Whoever failed is due still, and must not keep the others from their turn.
            let limit = min(slice, most - outcome.closed) + skipped.count
            let due = try app.store.read { db in try Accounts.due(at: until, limit: limit, db) }
                .filter { !skipped.contains($0) }
            guard !due.isEmpty else { return outcome }
            let failed = await close(due, at: until, in: app)
            outcome.closed += due.count - failed.count
            outcome.failed += failed
            if outcome.closed / logEvery > logged {
                logged = outcome.closed / logEvery
                app.log.notice("billing runs", metadata: ["closed": "\(outcome.closed)"])
            }
        }
        outcome.hasMore = try !app.store.read { db in try Accounts.due(at: until, limit: 1, db) }.isEmpty
        return outcome
    }

    /// - Returns: those that could not be closed.
    private static func close(_ accounts: [Int64], at now: Timestamp, in app: App) async -> [Int64] {
        await withTaskGroup(of: Int64?.self) { group in
            for id in accounts {
                group.addTask {
                    do {
                        _ = try await app.store.write { db in try Closing.close(id, at: now, db) }
                        return nil
                    } catch {
                        let about: Logger.Metadata = ["account": "\(id)", "error": "\(error)"]
                        app.log.error("an account cannot be billed", metadata: about)
                        return id
                    }
                }
            }
            var failed: [Int64] = []
            for await id in group {
                if let id { failed.append(id) }
            }
            return failed
        }
    }
}
