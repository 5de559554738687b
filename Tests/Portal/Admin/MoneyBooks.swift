import Crypto
import Storage
import Testing
import Web

@testable import Portal

/// A store with subscriptions written as they would be after their steps, and money posted at will.
struct MoneyBooks {
    let unit: UnitStore

    init() throws {
        unit = try UnitStore()
    }

    var store: Store { unit.store }

    /// Versions of plans made for a test, by name: `growth`, 4900, "month".
    func price(_ plan: String, _ cents: Int64, _ interval: String = "month", currency: String = "usd") throws -> Int64 {
        try store.writeBlocking { db in
            let known: Int64? = try db.value("SELECT id FROM plan WHERE code = ?", plan)
            if known == nil {
                try db.run(
                    "INSERT INTO plan (code, name, is_prepaid, simulators_only, family) VALUES (?, ?, 0, 0, 'billing')",
                    plan,
                    plan
                )
            }
            let id: Int64 = try db.value("SELECT id FROM plan WHERE code = ?", plan) ?? 0
            let amount = "\(cents / 100).\(cents % 100 / 10)\(cents % 10)"
            try db.run(
                """
                INSERT INTO plan_price (plan_id, currency, interval, effective_from, prices, created_at)
                VALUES (?, ?, ?, (SELECT count(*) FROM plan_price), ?, 0)
                """,
                id,
                currency,
                interval,
                """
                {"currency":"\(currency)","items":[{"name":"base","model":"flat","amount":\(amount)},
                {"name":"calls","meter":"calls","model":"per_unit","unit_price":5}]}
                """
            )
            return db.lastInsertID
        }
    }

    /// Begins one.
    /// - Parameter trialUntil: pays from then on.
    func start(_ account: Int64, _ price: Int64, on day: Day, trialUntil: Day? = nil) throws -> Int64 {
        try store.writeBlocking { db in
            let at = Timestamp(day: day).milliseconds
            try db.run(
                """
                INSERT INTO subscription (public_id, account_id, plan_price_id, status, anchor_at, period, period_start,
                    period_end, priced_from, trial_end, created_at) VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?)
                """,
                "sub_\(account)_\(at)",
                account,
                price,
                trialUntil == nil ? "active" : "trialing",
                at,
                at,
                at + 1,
                at,
                trialUntil.map { Timestamp(day: $0).milliseconds },
                at
            )
            let id = db.lastInsertID
            try step(id, "started", nil, price, on: day, db)
            return id
        }
    }

    func step(
        _ id: Int64,
        _ kind: String,
        _ from: Int64?,
        _ to: Int64?,
        on day: Day,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            INSERT INTO subscription_change (subscription_id, kind, from_price_id, to_price_id, happened_at)
            VALUES (?, ?, ?, ?, ?)
            """,
            id,
            kind,
            from,
            to,
            Timestamp(day: day).milliseconds
        )
        switch kind {
        case "canceled":
            let at = Timestamp(day: day).milliseconds
            try db.run("UPDATE subscription SET status = 'canceled', ended_at = ? WHERE id = ?", at, id)
        case "trial_ended", "upgraded", "downgraded", "renewed":
            try db.run("UPDATE subscription SET plan_price_id = ? WHERE id = ?", to, id)
            if kind == "trial_ended" { try db.run("UPDATE subscription SET status = 'active' WHERE id = ?", id) }
        default: break
        }
    }

    func step(_ id: Int64, _ kind: String, _ from: Int64?, _ to: Int64?, on day: Day) throws {
        try store.writeBlocking { db in try step(id, kind, from, to, on: day, db) }
    }

    func post(
        _ cents: Int64,
        _ debit: Ledger.Side,
        _ credit: Ledger.Side,
        _ reason: String,
        _ account: Int64,
        on day: Day,
        currency: String = "usd"
    ) throws {
        try store.writeBlocking { db in
            let entry = Ledger.Entry(
                accountID: account,
                debit: debit,
                credit: credit,
                amount: Cents(cents),
                reason: reason,
                postedAt: Timestamp(day: day),
                currency: currency
            )
            try Ledger.post(entry, db)
        }
    }

    func report(months: Int64 = 12, on day: Day) async throws -> [MoneyView] {
        let app = try unit.app(at: Timestamp(day: day))
        let caller = Caller(kind: .shell, address: "", requestID: "")
        let input = ShowMoney.Input(months: Whole(months))
        return try await ShowMoney.handle(input, by: caller, in: app).currencies
    }

    var findings: [String] {
        get throws { try store.read { db in try LedgerMonths.check(db) } }
    }
}
