import Storage
import Synchronization
import Web

/// The time of a house that was copied to try out what will come: it stands still until it is put forward.
final class HouseClock: Sendable {
    private let moment: Mutex<Timestamp>

    init(at moment: Timestamp) {
        self.moment = Mutex(moment)
    }

    /// Nil for a store that lives by the wall's clock.
    convenience init?(_ store: Store) throws {
        guard let text = try store.read({ db in try StoreMarks.find(.testClock, db) }), let at = Int64(text) else {
            return nil
        }
        self.init(at: Timestamp(milliseconds: at))
    }

    var now: Timestamp { moment.withLock { $0 } }

    /// Puts it forward, also for the next start.
    func set(_ later: Timestamp, in store: Store) async throws {
        try await store.write { db in try StoreMarks.put(.testClock, "\(later.milliseconds)", db) }
        moment.withLock { $0 = max($0, later) }
    }
}

/// What `purser clock advance` does, a part at a time.
struct AdvanceHouseClock: Endpoint {
    struct Input: Codable, Sendable {
        let to: Timestamp?
        let seconds: Whole<1, 2_000_000_000>?
    }

    struct Answer: JSONOutput {
        let now: Timestamp
        /// Where it is meant to be: what the next call has to be given as `to`.
        let to: Timestamp
        let closed: Int
        let failed: [Int64]
    }

    /// Periods after which a call answers, so that whoever waits sees how far it is.
    private static let most = 500

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        guard let clock = app.houseClock else {
            throw Failure.conflict("This store lives by the wall's clock; purser clone makes one that does not")
        }
        let target = try TestClock.target(input.to, input.seconds?.value, after: clock.now)
        var outcome = BillingRun.Outcome()
        while outcome.closed < most {
            // Each moment in its turn, so that what comes of one period is there when the next one ends.
            let moments = try app.store.read { db in try [Accounts.firstClose(db), DunningRows.first(db)] }
            guard let due = moments.compactMap({ $0 }).min(), due <= target, outcome.failed.isEmpty else {
                if outcome.failed.isEmpty { try await clock.set(target, in: app.store) }
                break
            }
            if due > clock.now { try await clock.set(due, in: app.store) }
            let step = try await BillingRun.run(app, atMost: most - outcome.closed)
            try await Dunning.run(app)
            outcome.closed += step.closed
            outcome.failed += step.failed
        }
        let now = clock.now
        try await app.store.write { db in
            try Audit.record(.clockAdvanced, by: caller, account: nil, target: "store", at: now, db)
        }
        return Answer(now: now, to: target, closed: outcome.closed, failed: outcome.failed)
    }
}

/// `purser clock show`.
struct ShowHouseClock: Endpoint {
    struct Answer: JSONOutput {
        let now: Timestamp
        let isTestClock: Bool

        enum CodingKeys: String, CodingKey {
            case now
            case isTestClock = "is_test_clock"
        }
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        Answer(now: app.now(), isTestClock: app.houseClock != nil)
    }
}
