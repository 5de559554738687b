import Storage
import Web

/// How long a plan's billing period is.
enum BillingInterval: String, Sendable, Codable, CaseIterable, Documented {
    case week, month, year

    static var sample: BillingInterval { .month }
}

/// What plans ask for, from when. Every statement on `plan_price` is in this file.
///
/// A version holds from its moment until the next one of the same plan, currency and interval; it is never changed.
/// A subscription is billed by the version in force when its period begins.
enum PlanVersions {
    struct Version: Sendable {
        let id: Int64
        let planID: Int64
        let interval: BillingInterval
        let effectiveFrom: Timestamp
        let prices: PlanPrices

        var currency: Currency { prices.currency }
    }

    /// - Throws: ``Failure`` 409 where there is one from that very moment.
    static func insert(
        _ prices: PlanPrices,
        every interval: BillingInterval,
        of planID: Int64,
        from moment: Timestamp,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Int64 {
        let changes = try db.run(
            """
            INSERT INTO plan_price (plan_id, currency, interval, effective_from, prices, created_at)
            VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (plan_id, currency, interval, effective_from) DO NOTHING
            """,
            planID,
            prices.currency.code,
            interval.rawValue,
            moment.milliseconds,
            String(decoding: try JSONEncoding.bytes(of: prices), as: UTF8.self),
            now.milliseconds
        )
        guard changes > 0 else {
            throw Failure.conflict("There are prices from that moment on already", code: "prices_exist")
        }
        return db.lastInsertID
    }

    static func find(_ id: Int64, _ db: borrowing Database) throws -> Version? {
        try db.first(
            "SELECT id, plan_id, interval, effective_from, prices FROM plan_price WHERE id = ?",
            id,
            as: version
        )
    }

    /// - Throws: ``StoreError/corrupt(_:)``: rows that name a version keep it from being deleted.
    static func require(_ id: Int64, _ db: borrowing Database) throws -> Version {
        guard let version = try find(id, db) else { throw StoreError.corrupt("there is no plan_price \(id)") }
        return version
    }

    static func inForce(
        of planID: Int64,
        _ currency: Currency,
        _ interval: BillingInterval,
        at moment: Timestamp,
        _ db: borrowing Database
    ) throws -> Version? {
        try db.first(
            """
            SELECT id, plan_id, interval, effective_from, prices FROM plan_price
            WHERE plan_id = ? AND currency = ? AND interval = ? AND effective_from <= ?
            ORDER BY effective_from DESC LIMIT 1
            """,
            planID,
            currency.code,
            interval.rawValue,
            moment.milliseconds,
            as: version
        )
    }

    /// Those in force, one for each currency and interval.
    static func inForce(of planID: Int64, at moment: Timestamp, _ db: borrowing Database) throws -> [Version] {
        try db.all(
            """
            SELECT v.id, v.plan_id, v.interval, v.effective_from, v.prices FROM plan_price v
            WHERE v.plan_id = ? AND v.effective_from = (
                SELECT max(w.effective_from) FROM plan_price w WHERE w.plan_id = v.plan_id AND w.currency = v.currency
                    AND w.interval = v.interval AND w.effective_from <= ?
            ) ORDER BY v.currency, v.interval
            """,
            planID,
            moment.milliseconds,
            as: version
        )
    }

    /// All of a plan's, newest first.
    static func list(of planID: Int64, _ db: borrowing Database) throws -> [Version] {
        try db.all(
            """
            SELECT id, plan_id, interval, effective_from, prices FROM plan_price
            WHERE plan_id = ? ORDER BY effective_from DESC, id DESC
            """,
            planID,
            as: version
        )
    }

    private static func version(_ row: borrowing Row) throws -> Version {
        let prices = try JSONParser.parse(Array((row[4] as String).utf8))
        return Version(
            id: row[0],
            planID: row[1],
            interval: try row.raw(2),
            effectiveFrom: Timestamp(milliseconds: row[3]),
            prices: try InputDecoder.decode(PlanPrices.self, from: prices)
        )
    }
}
