import Crypto
import Storage
import Web

/// Accounts' subscriptions to plans, one live at a time. Every statement on `subscription` is in this file.
enum Subscriptions {
    enum Status: String, Sendable, Codable, CaseIterable, Documented {
        case trialing, active
        /// An invoice of it was not paid in time.
        case pastDue = "past_due"
        case canceled

        static var sample: Status { .active }
    }

    struct Subscription: Sendable {
        let id: Int64
        /// `sub_` and 24 letters and digits.
        let publicID: String
        let accountID: Int64
        let status: Status
        let plan: Plans.Plan
        /// What the current period is billed by, and what the next one is where that was changed.
        let version: PlanVersions.Version
        let next: PlanVersions.Version?
        let clock: BillingPeriod
        /// The current period and its number since the anchor; in a trial, the trial.
        let number: Int64
        let period: Range<Timestamp>
        /// Since when in this period these prices hold.
        let pricedFrom: Timestamp
        let trialEnd: Timestamp?
        let cancelsAtPeriodEnd: Bool
        let canceledAt: Timestamp?
        let endedAt: Timestamp?
        let createdAt: Timestamp

        var interval: BillingInterval { version.interval }
    }

    typealias Live = Subscription

    /// The one that is not canceled.
    static func live(of accountID: Int64, _ db: borrowing Database) throws -> Live? {
        try db.first(
            """
            SELECT id, public_id, account_id, status, plan_price_id, next_plan_price_id, anchor_at, period,
                period_start, period_end, priced_from, trial_end, cancel_at_period_end, canceled_at, ended_at,
                created_at
            FROM subscription WHERE account_id = ? AND status <> 'canceled'
            """,
            accountID,
            as: record
        )?.subscription(db)
    }

    /// - Throws: ``Failure`` 404 without one.
    static func require(of accountID: Int64, _ db: borrowing Database) throws -> Live {
        guard let live = try live(of: accountID, db) else {
            throw Failure(404, "no_subscription", "This account has no subscription")
        }
        return live
    }

    static func find(_ id: Int64, _ db: borrowing Database) throws -> Subscription? {
        try db.first(
            """
            SELECT id, public_id, account_id, status, plan_price_id, next_plan_price_id, anchor_at, period,
                period_start, period_end, priced_from, trial_end, cancel_at_period_end, canceled_at, ended_at,
                created_at
            FROM subscription WHERE id = ?
            """,
            id,
            as: record
        )?.subscription(db)
    }

    /// An account's, newest first, those with smaller ids than `before`.
    static func list(
        of accountID: Int64,
        before id: Int64,
        limit: Int64,
        _ db: borrowing Database
    ) throws -> [Subscription] {
        let records = try db.all(
            """
            SELECT id, public_id, account_id, status, plan_price_id, next_plan_price_id, anchor_at, period,
                period_start, period_end, priced_from, trial_end, cancel_at_period_end, canceled_at, ended_at,
                created_at
            FROM subscription WHERE account_id = ? AND id < ? ORDER BY id DESC LIMIT ?
            """,
            accountID,
            id,
            limit,
            as: record
        )
        return try records.map { try $0.subscription(db) }
    }

    /// An account tries out plans once.
    static func hasHadTrial(_ accountID: Int64, _ db: borrowing Database) throws -> Bool {
        try db.value(
            "SELECT count(*) FROM subscription WHERE account_id = ? AND trial_end IS NOT NULL",
            accountID
        ) ?? 0 > 0
    }

    /// - Parameter trialEnd: where the first period ends, if it is a trial.
    /// - Returns: its id.
    static func insert(
        _ version: PlanVersions.Version,
        for accountID: Int64,
        trialEnd: Timestamp?,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Int64 {
        let end = trialEnd ?? BillingPeriod(anchor: now, interval: version.interval).start(1)
        try db.run(
            """
            INSERT INTO subscription (public_id, account_id, plan_price_id, status, anchor_at, period, period_start,
                period_end, priced_from, trial_end, created_at)
            VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?)
            """,
            "sub_\(try Random.base62(24))",
            accountID,
            version.id,
            (trialEnd == nil ? Status.active : .trialing).rawValue,
            now.milliseconds,
            now.milliseconds,
            end.milliseconds,
            now.milliseconds,
            trialEnd?.milliseconds,
            now.milliseconds
        )
        return db.lastInsertID
    }

    /// Puts it into a period: the next one, the first after its trial, or the first of another interval.
    static func setPeriod(
        _ number: Int64,
        of clock: BillingPeriod,
        by version: PlanVersions.Version,
        _ id: Int64,
        _ db: borrowing Database
    ) throws {
        let period = clock.range(number)
        try db.run(
            """
            UPDATE subscription SET plan_price_id = ?, next_plan_price_id = NULL, anchor_at = ?, period = ?,
                period_start = ?, period_end = ?, priced_from = ?,
                status = CASE WHEN status = 'trialing' THEN 'active' ELSE status END
            WHERE id = ?
            """,
            version.id,
            clock.anchor.milliseconds,
            number,
            period.lowerBound.milliseconds,
            period.upperBound.milliseconds,
            period.lowerBound.milliseconds,
            id
        )
    }

    /// Other prices from a moment on, within the period.
    static func setVersion(
        _ version: PlanVersions.Version,
        from moment: Timestamp,
        _ id: Int64,
        _ db: borrowing Database
    ) throws {
        try db.run(
            "UPDATE subscription SET plan_price_id = ?, next_plan_price_id = NULL, priced_from = ? WHERE id = ?",
            version.id,
            moment.milliseconds,
            id
        )
    }

    /// What the next period is billed by; nil: by what is in force then of the same.
    static func setNext(_ version: PlanVersions.Version?, _ id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE subscription SET next_plan_price_id = ? WHERE id = ?", version?.id, id)
    }

    /// - Parameter moment: when it was asked for; nil: it goes on.
    static func setCancelling(_ moment: Timestamp?, _ id: Int64, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE subscription SET cancel_at_period_end = ?, canceled_at = ? WHERE id = ?",
            moment != nil,
            moment?.milliseconds,
            id
        )
    }

    static func setEnded(at now: Timestamp, _ id: Int64, _ db: borrowing Database) throws {
        try db.run(
            """
            UPDATE subscription SET status = 'canceled', ended_at = ?, canceled_at = coalesce(canceled_at, ?)
            WHERE id = ?
            """,
            now.milliseconds,
            now.milliseconds,
            id
        )
    }

    /// - Returns: whether it was not so before.
    static func setStatus(
        _ status: Status,
        from before: Status,
        _ id: Int64,
        _ db: borrowing Database
    ) throws -> Bool {
        try db.run(
            "UPDATE subscription SET status = ? WHERE id = ? AND status = ?",
            status.rawValue,
            id,
            before.rawValue
        ) > 0
    }

    /// - Returns: a sentence for each account whose plan is not that of its live subscription, and for each live one
    ///   whose end nobody watches.
    static func check(_ db: borrowing Database) throws -> [String] {
        try db.all(
            """
            SELECT a.id FROM subscription s JOIN account a ON a.id = s.account_id
            JOIN plan_price v ON v.id = s.plan_price_id
            WHERE s.status <> 'canceled' AND (a.plan_id <> v.plan_id OR a.next_close_at IS NULL
                OR a.next_close_at <> s.period_end)
            """
        ) { row in "account \(row[0] as Int64) is not on the plan of its subscription, or is not billed at its end" }
    }

    private struct Record {
        let id: Int64
        let publicID: String
        let accountID: Int64
        let status: Status
        let versionID: Int64
        let nextVersionID: Int64?
        let anchor: Timestamp
        let number: Int64
        let period: Range<Timestamp>
        let pricedFrom: Timestamp
        let trialEnd: Timestamp?
        let cancelsAtPeriodEnd: Bool
        let canceledAt: Timestamp?
        let endedAt: Timestamp?
        let createdAt: Timestamp

        func subscription(_ db: borrowing Database) throws -> Subscription {
            let version = try PlanVersions.require(versionID, db)
            guard let plan = try Plans.find(version.planID, db) else {
                throw StoreError.corrupt("there is no plan \(version.planID)")
            }
            return Subscription(
                id: id,
                publicID: publicID,
                accountID: accountID,
                status: status,
                plan: plan,
                version: version,
                next: try nextVersionID.map { try PlanVersions.require($0, db) },
                clock: BillingPeriod(anchor: anchor, interval: version.interval),
                number: number,
                period: period,
                pricedFrom: pricedFrom,
                trialEnd: trialEnd,
                cancelsAtPeriodEnd: cancelsAtPeriodEnd,
                canceledAt: canceledAt,
                endedAt: endedAt,
                createdAt: createdAt
            )
        }
    }

    private static func record(_ row: borrowing Row) throws -> Record {
        func time(_ value: Int64?) -> Timestamp? { value.map { Timestamp(milliseconds: $0) } }
        return Record(
            id: row[0],
            publicID: row[1],
            accountID: row[2],
            status: try row.raw(3),
            versionID: row[4],
            nextVersionID: row[5],
            anchor: Timestamp(milliseconds: row[6]),
            number: row[7],
            period: Timestamp(milliseconds: row[8])..<Timestamp(milliseconds: row[9]),
            pricedFrom: Timestamp(milliseconds: row[10]),
            trialEnd: time(row[11]),
            cancelsAtPeriodEnd: row[12],
            canceledAt: time(row[13]),
            endedAt: time(row[14]),
            createdAt: Timestamp(milliseconds: row[15])
        )
    }
}
