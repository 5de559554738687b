import Storage
import Web

/// The limits of an account's calls.
struct CallLimits: Sendable {
    /// Of the plan; nil: none.
    let plan: Int64?
    /// Millionths of a dollar for each call beyond the plan's limit; nil: there are none.
    let overageMicros: Int64?
    let app: Int64?
    /// Of a day; and of all since the subscription began, or ever.
    var day: Int64?
    var total: Int64?
    var totalSince = Day(number: 0)
    /// The account's budget stops it from being billed more this month.
    var isBudgetSpent = false

    /// Where calls end that are billed beyond a limit.
    static func suspension(of limit: Int64) -> Int64 { limit &+ limit / 5 }

    /// What is counted besides the month.
    func cells(_ accountID: Int64, on today: Day) -> [Calls.Cell] {
        (day == nil ? [] : [.day(accountID, today)]) + (total == nil ? [] : [.total(accountID, since: totalSince)])
    }
}

/// Calls by account, app, key and month. Every statement on `call_month`,
/// `call_day` and `key_month` is in this file.
enum CallMonths {
    static func used(_ cell: Calls.Cell, in month: Month, _ db: borrowing Database) throws -> Int64 {
        switch cell {
        case .account(let id):
            try db.value("SELECT calls FROM call_month WHERE account_id = ? AND month = ?", id, month.number) ?? 0
        case .day(let id, let day):
            try db.value("SELECT calls FROM call_day WHERE account_id = ? AND day = ?", id, day.number) ?? 0
        case .total(let id, let first):
            try db.value(
                "SELECT coalesce(sum(calls), 0) FROM call_day WHERE account_id = ? AND day >= ?",
                id,
                first.number
            ) ?? 0
        case .key(let id):
            try db.value("SELECT calls FROM key_month WHERE key_id = ? AND month = ?", id, month.number) ?? 0
        case .app(let id):
            try db.value(
                """
                SELECT coalesce(sum(m.calls), 0) FROM api_key k JOIN key_month m ON m.key_id = k.id
                WHERE k.app_id = ? AND k.is_test = 0 AND m.month = ?
                """,
                id,
                month.number
            ) ?? 0
        }
    }

    /// Adds what was counted, and bills what of it is beyond a plan's limit as uses of their own.
    ///
    /// After a commit of which nobody knows whether it happened the same calls come again. What the key's row has
    /// already is not added twice.
    static func add(_ counted: [Calls.Counted], at now: Timestamp, in app: App) async throws {
        let threshold = app.settings.invoiceThreshold
        try await app.store.write { db in
            for counted in counted {
                let cell = counted.cell
                let month = cell.day.month
                let before = try used(.key(cell.key), in: month, db)
                let calls = min(counted.calls, counted.used - before)
                guard calls > 0 else { continue }
                try db.run(
                    """
                    INSERT INTO key_month (key_id, month, calls) VALUES (?, ?, ?)
                    ON CONFLICT (key_id, month) DO UPDATE SET calls = key_month.calls + excluded.calls
                    """,
                    cell.key,
                    month.number,
                    calls
                )
                if let quota = cell.quota, month == now.month {
                    let standing = KeyQuotaLetter(keyID: cell.key, used: before + calls, quota: quota, month: month)
                    try standing.queue(to: cell.accountID, since: before, at: now, db)
                }
                guard !cell.isTest else { continue }
                try db.run(
                    """
                    INSERT INTO call_month (account_id, month, calls) VALUES (?, ?, ?)
                    ON CONFLICT (account_id, month) DO UPDATE SET calls = call_month.calls + excluded.calls
                    """,
                    cell.accountID,
                    month.number,
                    calls
                )
                try db.run(
                    """
                    INSERT INTO call_day (account_id, day, calls) VALUES (?, ?, ?)
                    ON CONFLICT (account_id, day) DO UPDATE SET calls = call_day.calls + excluded.calls
                    """,
                    cell.accountID,
                    cell.day.number,
                    calls
                )
                try settle(cell, calls, threshold, at: now, db)
                if month == now.month { try noticeAppLimit(cell, calls, at: now, db) }
            }
        }
    }

    /// Tells when these calls have used up the own limit of an app.
    private static func noticeAppLimit(
        _ cell: Calls.Pending,
        _ calls: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        guard let appID = cell.appID, let app = try Apps.find(id: appID, db),
            let limit = app.monthlyLimit
        else { return }
        let used = try used(.app(appID), in: now.month, db)
        guard used >= limit, used - calls < limit else { return }
        let told = LimitPayload(app: app.publicID, used: used, limit: limit)
        try Webhooks.publish(.usageLimitExceeded, account: cell.accountID, app: appID, data: told, at: now, db)
    }

    /// Bills what passed the limit with these calls, and tells of a step that they reached.
    private static func settle(
        _ cell: Calls.Pending,
        _ calls: Int64,
        _ threshold: Cents,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let month = cell.day.month
        let limits = try CallLimits.find(accountID: cell.accountID, appID: nil, in: month, db)
        guard let limit = limits.plan else { return }
        let after = try used(.account(cell.accountID), in: month, db)
        if month == now.month {
            try UsageAlerts.notice(
                .meter(.calls),
                of: cell.accountID,
                from: after - calls,
                to: after,
                limit: limit,
                at: now,
                db
            )
        }
        let beyond = max(0, after - limit) - max(0, after - calls - limit)
        guard beyond > 0, let micros = limits.overageMicros, micros > 0 else { return }
        try bill(beyond, micros, cell, threshold, at: now, db)
    }

    /// A use of the meter ``Meter/calls`` for calls beyond the limit, so that every cent has a use behind it.
    private static func bill(
        _ beyond: Int64,
        _ micros: Int64,
        _ cell: Calls.Pending,
        _ threshold: Cents,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let usage = try Accounts.usageMicros(of: cell.accountID, db)
        // An account that has used all that can be billed must not keep the counts of others from being written.
        let quantity = min(beyond, max(0, UsageBatch.mostMicros - usage) / micros)
        guard quantity > 0 else { return }
        var batch = UsageBatch(
            accountID: cell.accountID,
            keyID: cell.key,
            usageMicros: usage,
            now: now,
            threshold: threshold,
            meterReports: nil
        )
        let event = UsageEvent(
            meter: .calls,
            backend: Backend(known: "overage"),
            quantity: quantity,
            price: Prices.Price(unitMicros: micros, isSimulator: false),
            // Calls of the last second of a day are written in the next one.
            occurredAt: min(now, Timestamp(milliseconds: Timestamp(day: cell.day).milliseconds + 86_399_999))
        )
        _ = try batch.add(event, db)
        try batch.finish(db)
    }

    /// Whether an account has ever made one that was written down.
    static func isAny(of accountID: Int64, _ db: borrowing Database) throws -> Bool {
        try db.value("SELECT day FROM call_day WHERE account_id = ? LIMIT 1", accountID) as Int64? != nil
    }

    /// An account's calls by day, days without any left out.
    static func daily(
        of accountID: Int64,
        _ days: ClosedRange<Day>,
        _ db: borrowing Database
    ) throws -> [Day: Int64] {
        var calls: [Day: Int64] = [:]
        try db.each(
            "SELECT day, calls FROM call_day WHERE account_id = ? AND day BETWEEN ? AND ?",
            accountID,
            days.lowerBound.number,
            days.upperBound.number
        ) { row in
            calls[Day(number: row[0])] = row[1]
            return true
        }
        return calls
    }
}

extension CallLimits {
    static func find(
        accountID: Int64,
        appID: Int64?,
        in month: Month,
        _ db: borrowing Database
    ) throws -> CallLimits {
        try db.first(
            """
            SELECT l.quantity, l.overage_micros, (SELECT d.monthly_limit FROM app d WHERE d.id = ?),
                CASE WHEN g.stops = 1 THEN g.amount * 10000 <= (
                    SELECT coalesce(sum(m.cost_micros), 0) FROM usage_month m
                    WHERE m.account_id = a.id AND m.month = ?) ELSE 0 END, d.quantity, t.quantity,
                CASE WHEN t.quantity IS NULL THEN 0 ELSE coalesce((SELECT s.created_at FROM subscription s
                    WHERE s.account_id = a.id AND s.status <> 'canceled'), 0) END
            FROM account a LEFT JOIN plan_limit d ON d.plan_id = a.plan_id AND d.meter = 'calls_day'
            LEFT JOIN plan_limit t ON t.plan_id = a.plan_id AND t.meter = 'calls_total'
            LEFT JOIN plan_limit l ON l.plan_id = a.plan_id AND l.meter = 'calls'
            LEFT JOIN budget g ON g.account_id = a.id
            WHERE a.id = ?
            """,
            appID,
            month.number,
            accountID
        ) { row in
            CallLimits(
                plan: row[0],
                overageMicros: row[1],
                app: row[2],
                day: row[4],
                total: row[5],
                totalSince: Timestamp(milliseconds: row[6]).day,
                isBudgetSpent: row[3]
            )
        }
            ?? CallLimits(plan: nil, overageMicros: nil, app: nil)
    }
}
