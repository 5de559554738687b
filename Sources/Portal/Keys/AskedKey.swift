import Storage

/// A key that a gateway asks about, and the limits of its calls: one look-up, without the person, who does not act.
struct AskedKey: Sendable {
    let grant: Caller.KeyGrant
    let accountID: Int64
    let standing: APIKeys.Standing
    /// The code of the account's plan.
    let plan: String
    let limits: CallLimits

    static func find(digest: [UInt8], at now: Timestamp, in month: Month, _ db: borrowing Database) throws -> AskedKey?
    {
        try db.first(
            """
            SELECT k.id, k.scopes, k.is_test, k.networks, k.rate_limits, k.monthly_quota, k.counts_as, k.app_id,
                CASE WHEN k.revoked_at IS NOT NULL THEN 1 WHEN k.expires_at <= ? THEN 2
                    WHEN k.disabled_at IS NOT NULL OR p.disabled_at IS NOT NULL OR d.deleted_at IS NOT NULL THEN 3
                    WHEN a.status <> 'active' OR a.restriction = 'suspended' OR d.status = 'SUSPENDED' THEN 4
                    ELSE 0 END,
                k.account_id, n.code, l.quantity, l.overage_micros, d.monthly_limit,
                CASE WHEN g.stops = 1 THEN g.amount * 10000 <= (
                    SELECT coalesce(sum(m.cost_micros), 0) FROM usage_month m
                    WHERE m.account_id = a.id AND m.month = ?) ELSE 0 END, y.quantity, t.quantity,
                CASE WHEN t.quantity IS NULL THEN 0 ELSE coalesce((SELECT s.created_at FROM subscription s
                    WHERE s.account_id = a.id AND s.status <> 'canceled'), 0) END
            FROM api_key k JOIN person p ON p.id = k.person_id JOIN account a ON a.id = k.account_id
            JOIN plan n ON n.id = a.plan_id LEFT JOIN app d ON d.id = k.app_id
            LEFT JOIN plan_limit l ON l.plan_id = a.plan_id AND l.meter = 'calls'
            LEFT JOIN plan_limit y ON y.plan_id = a.plan_id AND y.meter = 'calls_day'
            LEFT JOIN plan_limit t ON t.plan_id = a.plan_id AND t.meter = 'calls_total'
            LEFT JOIN budget g ON g.account_id = a.id
            WHERE k.digest = ?
            """,
            now.milliseconds,
            month.number,
            digest
        ) { row in
            AskedKey(
                grant: Caller.KeyGrant(row),
                accountID: row[9],
                standing: APIKeys.Standing(rawValue: row[8]) ?? .disabled,
                plan: row[10],
                limits: CallLimits(
                    plan: row[11],
                    overageMicros: row[12],
                    app: row[13],
                    day: row[15],
                    total: row[16],
                    totalSince: Timestamp(milliseconds: row[17]).day,
                    isBudgetSpent: row[14]
                )
            )
        }
    }
}
