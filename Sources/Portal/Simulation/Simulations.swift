import Storage
import Synchronization
import Web

/// The lane of simulations: they read much, so few run at once, each on a thread of its own, a page of accounts at a
/// time.
final class Simulations: Sendable {
    static let atOnce = 2
    private static let pageSize = 100

    private let running = Atomic(0)

    /// Simulates for every account, or for those named, in the order of their ids.
    /// - Parameter body: gets the outcomes page by page, and how many accounts the page left out.
    /// - Throws: ``Failure`` 503 past the bound, 404 for an account that there is not, 400 for sums past all bounds.
    func run(
        _ simulation: Simulation,
        accounts ids: [Int64]?,
        in app: App,
        _ body: (_ outcomes: [Simulation.Outcome], _ leftOut: Int) throws -> Void
    ) async throws {
        defer { running.subtract(1, ordering: .relaxed) }
        guard running.add(1, ordering: .relaxed).newValue <= Self.atOnce else {
            throw Failure.unavailable("Other simulations are running", code: "busy", retryAfter: 5)
        }
        let now = app.now()
        var after: Int64 = 0
        var named = ids.map { Array(Set($0)).sorted()[...] }
        while true {
            let page: [Int64]? = named.map { Array($0.prefix(Self.pageSize)) }
            named = named?.dropFirst(Self.pageSize)
            let (outcomes, count, last) = try await Self.page(simulation, page, after: after, at: now, app.store)
            try body(outcomes, count - outcomes.count)
            after = last
            guard named.map({ !$0.isEmpty }) ?? (count == Self.pageSize) else { return }
        }
    }

    private static func page(
        _ simulation: Simulation,
        _ ids: [Int64]?,
        after: Int64,
        at now: Timestamp,
        _ store: Store
    ) async throws -> (outcomes: [Simulation.Outcome], count: Int, last: Int64) {
        try await OwnThread.run(named: "purser-simulate") {
            try store.read(within: 60_000) { db in
                var accounts: [Accounts.Account] = []
                if let ids {
                    for id in ids {
                        guard let account = try Accounts.find(id, db) else {
                            throw Failure.notFound("There is no account \(id)")
                        }
                        accounts.append(account)
                    }
                } else {
                    accounts = try Accounts.list(after: after, limit: Int64(pageSize), db)
                }
                var outcomes: [Simulation.Outcome] = []
                do {
                    for account in accounts {
                        if let outcome = try simulation.outcome(of: account, at: now, db) { outcomes.append(outcome) }
                    }
                } catch PricingFault.tooLarge {
                    throw Failure.badRequest("These prices come to more than can be counted", code: "too_large")
                }
                return (outcomes, accounts.count, accounts.last?.id ?? after)
            }
        }
    }
}
