import Storage
import Web

/// Tells accounts how near they are to their limits. Every statement on `usage_alert` is in this file.
///
/// Each step of a limit is told of once a month, in the transaction that reaches it, and once more when the account is
/// below the first again: its limit was raised, or a new month has begun.
enum UsageAlerts {
    /// Percent of a limit.
    static let steps: [Int64] = [80, 90, 100, 120]

    enum Subject: Sendable, Hashable {
        case meter(Meter)
        case budget(stops: Bool)

        var name: String {
            switch self {
            case .meter(let meter): meter.rawValue
            case .budget: "budget"
            }
        }
    }

    /// The highest step that `used` has reached; 0 below the first, and where nothing is used.
    static func step(_ used: Int64, of limit: Int64) -> Int64 {
        guard used > 0 else { return 0 }
        return steps.last { Int128(used) * 100 >= Int128(limit) * Int128($0) } ?? 0
    }

    /// How much of a limit is used, in whole percent; of a limit of nothing, 100 from the first use on.
    static func percent(_ used: Int64, of limit: Int64) -> Int64 {
        guard limit > 0 else { return used > 0 ? 100 : 0 }
        return Int64(clamping: Int128(used) * 100 / Int128(limit))
    }

    /// Tells of the step that lies between two counts of this month; most pairs have none between them.
    static func notice(
        _ subject: Subject,
        of accountID: Int64,
        from before: Int64,
        to after: Int64,
        limit: Int64?,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        guard let limit, step(after, of: limit) > step(before, of: limit) else { return }
        try review(Standing(subject: subject, used: after, limit: limit), of: accountID, at: now, db)
    }

    /// The same for a budget, after the roll-ups have grown by `micros`.
    static func notice(
        _ budget: Budgets.Budget,
        of accountID: Int64,
        adding micros: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let after = try UsageRollups.cost(of: now.month, account: accountID, db).micros
        guard step(after, of: budget.micros) > step(after - micros, of: budget.micros) else { return }
        try review(Standing(budget, micros: after), of: accountID, at: now, db)
    }

    /// How much of one limit is used.
    struct Standing: Sendable, Equatable {
        let subject: Subject
        let used: Int64
        let limit: Int64

        init(subject: Subject, used: Int64, limit: Int64) {
            (self.subject, self.used, self.limit) = (subject, used, limit)
        }

        /// - Parameter micros: what the month costs so far, in millionths of a dollar, which both are then in.
        init(_ budget: Budgets.Budget, micros: Int64) {
            (subject, used, limit) = (.budget(stops: budget.stops), micros, budget.micros)
        }
    }

    /// Holds all limits of an account against what it has used, for changes of plan or budget and for new months:
    /// tells what has not been told, and what is over.
    static func review(account id: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        var standings: [Standing] = []
        for meter in Meter.allCases {
            guard let limit = try PlanLimits.find(meter, ofAccount: id, db) else { continue }
            let used = try Self.used(meter, of: id, in: now.month, db)
            standings.append(Standing(subject: .meter(meter), used: used, limit: limit))
        }
        if let budget = try Budgets.find(id, db) {
            standings.append(Standing(budget, micros: try UsageRollups.cost(of: now.month, account: id, db).micros))
        }
        for standing in standings { try review(standing, of: id, at: now, db) }
        let reached = standings.filter { step($0.used, of: $0.limit) > 0 }.map(\.subject.name)
        for name in try open(of: id, db) where !reached.contains(name) {
            let standing = standings.first { $0.subject.name == name }
            try resolve(name, standing, of: id, at: now, db)
        }
    }

    private static func used(
        _ meter: Meter,
        of id: Int64,
        in month: Month,
        _ db: borrowing Database
    ) throws -> Int64 {
        if meter == .calls { return try CallMonths.used(.account(id), in: month, db) }
        return try UsageRollups.month(month, meter, of: id, db).quantity
    }

    private static func review(
        _ standing: Standing,
        of accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let reached = step(standing.used, of: standing.limit)
        var newest: Int64 = 0
        for step in steps where step <= reached {
            if try insert(step, standing, of: accountID, at: now, db) { newest = step }
        }
        // Of several steps at once the highest says it all.
        guard newest > 0 else { return }
        try closeOthers(standing, of: accountID, at: now, db)
        let alert = UsageAlert(standing: standing, percent: newest, month: now.month)
        try alert.tell(accountID, at: now, db)
    }

    private static func resolve(
        _ name: String,
        _ standing: Standing?,
        of accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try db.run(
            "UPDATE usage_alert SET resolved_at = ? WHERE account_id = ? AND subject = ? AND resolved_at IS NULL",
            now.milliseconds,
            accountID,
            name
        )
        try UsageAlert.tellResolved(name, standing, accountID, at: now, db)
    }
}

extension UsageAlerts {
    /// - Returns: whether it had not been told.
    private static func insert(
        _ step: Int64,
        _ standing: Standing,
        of accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Bool {
        let (name, month) = (standing.subject.name, now.month.number)
        let isNew = try db.run(
            """
            INSERT INTO usage_alert (account_id, month, subject, amount, percent, told_at) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (account_id, month, subject, amount, percent) DO NOTHING
            """,
            accountID,
            month,
            name,
            standing.limit,
            step,
            now.milliseconds
        )
        if isNew > 0 { return true }
        // Its limit was another for a while: it stands again, and whoever changed it knows.
        try db.run(
            """
            UPDATE usage_alert SET resolved_at = NULL
            WHERE account_id = ? AND month = ? AND subject = ? AND amount = ? AND percent = ?
            """,
            accountID,
            month,
            name,
            standing.limit,
            step
        )
        return false
    }

    /// Steps of what the limit was before are over: those of the new one stand in their place.
    private static func closeOthers(
        _ standing: Standing,
        of accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            UPDATE usage_alert SET resolved_at = ?
            WHERE account_id = ? AND subject = ? AND (amount <> ? OR month <> ?) AND resolved_at IS NULL
            """,
            now.milliseconds,
            accountID,
            standing.subject.name,
            standing.limit,
            now.month.number
        )
    }

    private static func open(of accountID: Int64, _ db: borrowing Database) throws -> [String] {
        try db.all(
            "SELECT DISTINCT subject FROM usage_alert WHERE account_id = ? AND resolved_at IS NULL ORDER BY subject",
            accountID
        ) { row in row[0] }
    }

    /// Accounts after `id` that have been told of something that was not over, by id.
    static func openAccounts(after id: Int64, _ db: borrowing Database) throws -> [Int64] {
        try db.all(
            """
            SELECT DISTINCT account_id FROM usage_alert WHERE account_id > ? AND resolved_at IS NULL
            ORDER BY account_id LIMIT 100
            """,
            id
        ) { row in row[0] }
    }

    struct Told: Sendable {
        let subject: String
        let limit: Int64
        let percent: Int64
        let toldAt: Timestamp
        let resolvedAt: Timestamp?
    }

    /// A month's, newest first.
    static func list(of accountID: Int64, in month: Month, _ db: borrowing Database) throws -> [Told] {
        try db.all(
            """
            SELECT subject, amount, percent, told_at, resolved_at FROM usage_alert
            WHERE account_id = ? AND month = ? ORDER BY told_at DESC, subject, percent DESC
            """,
            accountID,
            month.number
        ) { row in
            Told(
                subject: row[0],
                limit: row[1],
                percent: row[2],
                toldAt: Timestamp(milliseconds: row[3]),
                resolvedAt: (row[4] as Int64?).map { Timestamp(milliseconds: $0) }
            )
        }
    }

    /// Looks again at the accounts that were told of something, for plans that have changed and for a new month; a
    /// hundred in a transaction, so that nobody waits for all of them. For a job every minute.
    static func reviewOpen(in store: Store, at now: Timestamp) async throws {
        var last: Int64 = 0
        while true {
            let after = last
            let accounts = try store.read { db in try openAccounts(after: after, db) }
            guard let next = accounts.last else { return }
            let month = now.month
            // Most are as they were; only those that are not cost a write.
            let changed = try store.read { db in try accounts.filter { try isOver($0, in: month, db) } }
            if !changed.isEmpty {
                try await store.write { db in
                    for id in changed { try review(account: id, at: now, db) }
                }
            }
            last = next
        }
    }

    /// Whether something that was told of holds no more.
    private static func isOver(_ id: Int64, in month: Month, _ db: borrowing Database) throws -> Bool {
        for name in try open(of: id, db) {
            if let meter = Meter(rawValue: name) {
                guard let limit = try PlanLimits.find(meter, ofAccount: id, db) else { return true }
                if step(try used(meter, of: id, in: month, db), of: limit) == 0 { return true }
            } else {
                guard let budget = try Budgets.find(id, db) else { return true }
                if step(try UsageRollups.cost(of: month, account: id, db).micros, of: budget.micros) == 0 {
                    return true
                }
            }
        }
        return false
    }
}
