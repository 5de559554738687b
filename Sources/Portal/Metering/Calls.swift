import Storage
import Synchronization

/// Counts the calls of customers' keys by month, and says when a limit is reached.
///
/// A call is a key's verification for a gateway, or a request that a live key itself makes here; the latter are counted
/// and never refused by these limits. Counting and deciding is one step in memory, so of any number of clients racing
/// for the last of a limit exactly what is left pass; the rows are written every second, and what is shown comes from
/// here too. A crash forgets a second of calls at most, and counts none twice.
final class Calls: Sendable {
    enum Verdict: Sendable, Equatable {
        /// `remaining`: of the closest limit; nil without any.
        case within(remaining: Int64?)
        /// Beyond the plan's limit, and billed.
        case overage
        case refused(Refusal)
    }

    enum Refusal: Sendable, Equatable {
        case keyQuota, appLimit, planLimit
        /// At 120 % of a limit that may be passed.
        case suspended
    }

    /// What calls are counted by.
    enum Cell: Hashable, Sendable {
        case account(Int64)
        case app(Int64)
        /// By the first of the keys that took each other's place.
        case key(Int64)
        /// An account's of a day, and of all days since one.
        case day(Int64, Day)
        case total(Int64, since: Day)
    }

    /// What a cell has by itself; the month counts only for those that have it by months.
    private struct Slot: Hashable {
        let cell: Cell
        let month: Month
    }

    private struct Counter {
        var used: Int64
        var lastUsed: Int64

        mutating func add(_ cost: Int64, at now: Timestamp) {
            used += cost
            lastUsed = now.milliseconds
        }
    }

    /// Counted and not yet written.
    struct Pending: Hashable, Sendable {
        let accountID: Int64
        let key: Int64
        let appID: Int64?
        let isTest: Bool
        /// The key's own limit in the month.
        let quota: Int64?
        let day: Day
    }

    struct Counted: Sendable {
        let cell: Pending
        let calls: Int64
        /// By the key in the whole month, these included.
        let used: Int64
    }

    private struct Shard {
        var counters: [Slot: Counter] = [:]
        var pending: [Pending: Int64] = [:]
        /// Days and totals of accounts whose plans limit those.
        var watched: [Int64: [Cell]] = [:]

        mutating func add(
            _ cost: Int64,
            _ cells: [Cell],
            _ grant: Caller.KeyGrant,
            _ accountID: Int64,
            at now: Timestamp,
            in month: Month
        ) {
            for cell in cells + (grant.isTest ? [] : watched[accountID] ?? []) {
                counters[Slot(cell: cell, month: month)]?.add(cost, at: now)
            }
            let cell = Pending(
                accountID: accountID,
                key: grant.countsAs,
                appID: grant.appID,
                isTest: grant.isTest,
                quota: grant.monthlyQuota,
                day: now.day
            )
            pending[cell, default: 0] += cost
        }
    }

    private final class ShardBox: Sendable {
        let state = Mutex(Shard())
    }

    /// Milliseconds after which an idle counter is forgotten; its row has it.
    private static let keptFor: Int64 = 600_000
    private let shards = (0..<16).map { _ in ShardBox() }

    /// Decides about `cost` more calls of a key and counts them if all limits let them pass; a refusal by one counts
    /// in none.
    /// - Parameter month: that of `now`.
    func take(
        _ cost: Int64,
        of grant: Caller.KeyGrant,
        accountID: Int64,
        within limits: CallLimits,
        at now: Timestamp,
        in month: Month,
        _ db: borrowing Database
    ) throws -> Verdict {
        let cells = Self.cells(of: grant, accountID)
        let watched = grant.isTest ? [] : limits.cells(accountID, on: now.day)
        return try withCounters(cells + watched, accountID, at: now, in: month, db) { shard, used in
            if !grant.isTest { shard.watched[accountID] = watched.isEmpty ? nil : watched }
            let verdict = Self.verdict(cost, cells + watched, used, grant, limits)
            if case .refused = verdict { return verdict }
            shard.add(cost, cells, grant, accountID, at: now, in: month)
            return verdict
        }
    }

    /// Counts a request that a key made here, whatever the limits say.
    func count(_ grant: Caller.KeyGrant, accountID: Int64, at now: Timestamp, in store: Store) throws {
        let cells = Self.cells(of: grant, accountID)
        let month = now.month
        // Every request comes by here, so the store is asked only for counters that are not in memory.
        let isCounted = shard(of: accountID).state.withLock { shard in
            guard cells.allSatisfy({ shard.counters[Slot(cell: $0, month: month)] != nil }) else { return false }
            shard.add(1, cells, grant, accountID, at: now, in: month)
            return true
        }
        guard !isCounted else { return }
        try store.read { db in
            try withCounters(cells, accountID, at: now, in: month, db) { shard, _ in
                shard.add(1, cells, grant, accountID, at: now, in: month)
            }
        }
    }

    /// Calls in a month so far.
    func used(
        _ cell: Cell,
        ofAccount accountID: Int64,
        in month: Month,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Int64 {
        guard month == now.month else { return try CallMonths.used(cell, in: month, db) }
        return try withCounters([cell], accountID, at: now, in: month, db) { _, used in used[0] }
    }

    private static func cells(of grant: Caller.KeyGrant, _ accountID: Int64) -> [Cell] {
        if grant.isTest { return [.key(grant.countsAs)] }
        guard let appID = grant.appID else { return [.key(grant.countsAs), .account(accountID)] }
        return [.key(grant.countsAs), .account(accountID), .app(appID)]
    }

    private static func verdict(
        _ cost: Int64,
        _ cells: [Cell],
        _ used: [Int64],
        _ grant: Caller.KeyGrant,
        _ limits: CallLimits
    ) -> Verdict {
        var remaining: Int64?
        var isOverage = false
        for (cell, used) in zip(cells, used) {
            let (limit, refusal): (Int64?, Refusal) =
                switch cell {
                case .key: (grant.monthlyQuota, .keyQuota)
                case .app: (limits.app, .appLimit)
                case .account: (limits.plan, .planLimit)
                case .day: (limits.day, .planLimit)
                case .total: (limits.total, .planLimit)
                }
            guard let limit else { continue }
            let (total, overflows) = used.addingReportingOverflow(cost)
            if !overflows, total <= limit {
                remaining = min(remaining ?? .max, limit - total)
            } else if case .account = cell, limits.overageMicros != nil, !limits.isBudgetSpent {
                // What a plan bills beyond its limit ends at 120 % of it (contract, section 2).
                guard !overflows, total <= CallLimits.suspension(of: limit) else { return .refused(.suspended) }
                isOverage = true
            } else {
                return .refused(refusal)
            }
        }
        return isOverage ? .overage : .within(remaining: remaining)
    }

    /// Runs `body` with the counters of these cells in memory, and with what they say. They are read inside the lock,
    /// so that nothing that is counted meanwhile is missed.
    private func withCounters<Result: Sendable>(
        _ cells: [Cell],
        _ accountID: Int64,
        at now: Timestamp,
        in month: Month,
        _ db: borrowing Database,
        _ body: (inout Shard, _ used: [Int64]) throws -> Result
    ) throws -> Result {
        try shard(of: accountID).state.withLock { shard in
            let used = try cells.map { cell in
                let slot = Slot(cell: cell, month: month)
                if let counter = shard.counters[slot] { return counter.used }
                let used = try CallMonths.used(cell, in: month, db)
                shard.counters[slot] = Counter(used: used, lastUsed: now.milliseconds)
                return used
            }
            return try body(&shard, used)
        }
    }

    private func shard(of accountID: Int64) -> ShardBox {
        shards[Int(truncatingIfNeeded: UInt64(bitPattern: accountID) % UInt64(shards.count))]
    }

    /// Writes what was counted since the last time, bills what is beyond plans, and forgets whom nobody has seen for a
    /// while. What the store cannot take now is kept.
    func flush(_ app: App) async throws {
        let now = app.now()
        for box in shards {
            let taken = box.state.withLock { shard in
                defer { shard.pending = [:] }
                return shard.pending.map { cell, calls in
                    let used = shard.counters[Slot(cell: .key(cell.key), month: cell.day.month)]?.used
                    return Counted(cell: cell, calls: calls, used: used ?? .max)
                }
            }
            do {
                if !taken.isEmpty { try await CallMonths.add(taken, at: now, in: app) }
            } catch {
                box.state.withLock { shard in
                    for counted in taken { shard.pending[counted.cell, default: 0] += counted.calls }
                }
                throw error
            }
            box.state.withLock { shard in
                guard shard.pending.isEmpty else { return }
                shard.counters = shard.counters.filter { $0.value.lastUsed > now.milliseconds - Self.keptFor }
                guard !shard.watched.isEmpty else { return }
                let kept = Set(shard.counters.keys.map(\.cell))
                shard.watched = shard.watched.filter { $0.value.contains { kept.contains($0) } }
            }
        }
    }

    /// Counters in memory now, for tests.
    var counters: Int { shards.reduce(0) { $0 + $1.state.withLock { $0.counters.count } } }
}
