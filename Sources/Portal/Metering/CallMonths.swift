import Storage
import Web

/// The limits of an account's calls.
struct CallLimits: Sendable {
    /// Of the plan; nil: none.
    let plan: Int64?
    /// Millionths of a dollar for each call beyond the plan's limit; nil: there are none.
    let overageMicros: Int64?
    let app: Int64?

    /// Where calls end that are billed beyond a limit.
    static func suspension(of limit: Int64) -> Int64 { limit &+ limit / 5 }
}

/// Calls by account, app, key and month. Every statement on `call_month` and `key_month` is in this file.
enum CallMonths {
    static func used(_ cell: Calls.Cell, in month: Month, _ db: borrowing Database) throws -> Int64 {
        switch cell {
        case .account(let id):
            try db.value("SELECT calls FROM call_month WHERE account_id = ? AND month = ?", id, month.number) ?? 0
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
    static func add(_ counted: [Calls.Pending: Int64], at now: Timestamp, in app: App) async throws {
        let threshold = app.settings.invoiceThreshold
        try await app.store.write { db in
            for (cell, calls) in counted {
                try db.run(
                    """
                    INSERT INTO key_month (key_id, month, calls) VALUES (?, ?, ?)
                    ON CONFLICT (key_id, month) DO UPDATE SET calls = key_month.calls + excluded.calls
                    """,
                    cell.key,
                    cell.month.number,
                    calls
                )
                guard !cell.isTest else { continue }
                try db.run(
                    """
                    INSERT INTO call_month (account_id, month, calls) VALUES (?, ?, ?)
                    ON CONFLICT (account_id, month) DO UPDATE SET calls = call_month.calls + excluded.calls
                    """,
                    cell.accountID,
                    cell.month.number,
                    calls
                )
                try bill(cell, calls, threshold, at: now, db)
            }
        }
    }

    /// A use of the meter ``Meter/calls`` for what passed the limit with these calls, so that every cent has a use
    /// behind it.
    private static func bill(
        _ cell: Calls.Pending,
        _ calls: Int64,
        _ threshold: Cents,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let limits = try CallLimits.find(accountID: cell.accountID, appID: nil, db)
        guard let limit = limits.plan, let micros = limits.overageMicros, micros > 0 else { return }
        let after = try used(.account(cell.accountID), in: cell.month, db)
        let beyond = max(0, after - limit) - max(0, after - calls - limit)
        guard beyond > 0 else { return }
        var batch = UsageBatch(
            accountID: cell.accountID,
            keyID: cell.key,
            usageMicros: try Accounts.usageMicros(of: cell.accountID, db),
            now: now,
            threshold: threshold,
            meterReports: nil
        )
        let event = UsageEvent(
            meter: .calls,
            backend: Backend(known: "overage"),
            quantity: beyond,
            price: Prices.Price(unitMicros: micros, isSimulator: false),
            // Calls of the last second of a month are written in the next one.
            occurredAt: min(now, Timestamp(milliseconds: Timestamp(day: cell.month.next.firstDay).milliseconds - 1))
        )
        _ = try batch.add(event, db)
        try batch.finish(db)
    }
}

extension CallLimits {
    static func find(accountID: Int64, appID: Int64?, _ db: borrowing Database) throws -> CallLimits {
        try db.first(
            """
            SELECT l.quantity, l.overage_micros, (SELECT d.monthly_limit FROM app d WHERE d.id = ?)
            FROM account a LEFT JOIN plan_limit l ON l.plan_id = a.plan_id AND l.meter = 'calls' WHERE a.id = ?
            """,
            appID,
            accountID
        ) { row in CallLimits(plan: row[0], overageMicros: row[1], app: row[2]) }
            ?? CallLimits(plan: nil, overageMicros: nil, app: nil)
    }
}
