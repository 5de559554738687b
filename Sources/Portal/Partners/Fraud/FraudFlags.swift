import Crypto
import Storage

/// What was flagged, and what became of it. Every statement on `fraud_flag` is in this file.
enum FraudFlags {
    /// In the transaction that makes the referral or conversion wait.
    /// - Returns: the public id.
    @discardableResult
    static func raise(
        _ referral: Referral,
        conversionID: Int64?,
        rules: [Fraud.Rule],
        remark: String? = nil,
        score: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> String {
        let publicID = "flg_\(try Random.base62(24))"
        try db.run(
            """
            INSERT INTO fraud_flag (public_id, account_id, app_id, campaign_id, referral_id, conversion_id, rules,
                remark, score, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            publicID,
            referral.accountID,
            referral.appID,
            referral.campaignID,
            referral.id,
            conversionID,
            rules.map(\.rawValue).joined(separator: " "),
            remark,
            score,
            now.milliseconds
        )
        return publicID
    }

    /// - Parameter accountID: nil for operators, who see all.
    static func find(_ publicID: String, of accountID: Int64?, _ db: borrowing Database) throws -> FraudFlag? {
        try db.first(
            """
            SELECT id, public_id, account_id, app_id, campaign_id, referral_id, conversion_id, rules, remark, score,
                resolution, created_at, resolved_at
            FROM fraud_flag WHERE public_id = ? AND account_id = coalesce(?, account_id)
            """,
            publicID,
            accountID,
            as: FraudFlag.init
        )
    }

    /// Those of a referral and of its conversions that nobody has looked at yet, oldest first.
    static func open(of referralID: Int64, _ db: borrowing Database) throws -> [FraudFlag] {
        try db.all(
            """
            SELECT id, public_id, account_id, app_id, campaign_id, referral_id, conversion_id, rules, remark, score,
                resolution, created_at, resolved_at
            FROM fraud_flag WHERE referral_id = ? AND resolved_at IS NULL ORDER BY id
            """,
            referralID,
            as: FraudFlag.init
        )
    }

    /// Whether something is open that keeps a conversion from earning: about itself, or its referral.
    static func holds(_ conversion: Conversion, _ db: borrowing Database) throws -> Bool {
        try db.value(
            """
            SELECT id FROM fraud_flag WHERE referral_id = ? AND resolved_at IS NULL
                AND coalesce(conversion_id, ?) = ? LIMIT 1
            """,
            conversion.referralID,
            conversion.id,
            conversion.id
        ) as Int64? != nil
    }

    /// Whether anything about a referral or its conversions is open.
    static func isOpen(_ referralID: Int64, _ db: borrowing Database) throws -> Bool {
        try db.value(
            "SELECT id FROM fraud_flag WHERE referral_id = ? AND resolved_at IS NULL LIMIT 1",
            referralID
        ) as Int64? != nil
    }

    /// How many are open in an account, or in one of its apps.
    static func open(account accountID: Int64, app: Int64?, _ db: borrowing Database) throws -> Int64 {
        try db.value(
            """
            SELECT count(*) FROM fraud_flag
            WHERE account_id = ? AND resolved_at IS NULL AND app_id = coalesce(?, app_id)
            """,
            accountID,
            app
        ) ?? 0
    }

    /// - Returns: false for one that was resolved before.
    static func resolve(
        _ id: Int64,
        as resolution: FraudFlag.Resolution,
        by personID: Int64?,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Bool {
        try db.run(
            """
            UPDATE fraud_flag SET resolution = ?, resolved_at = ?, resolved_by = ?
            WHERE id = ? AND resolved_at IS NULL
            """,
            resolution.rawValue,
            now.milliseconds,
            personID,
            id
        ) > 0
    }

    struct Filter: Sendable {
        /// Nil: every account's, for operators.
        var accountID: Int64?
        var appID: Int64?
        var show = FraudFilter.all
        /// Those with a lower id.
        var before = Int64.max
    }

    /// Newest first.
    static func page(_ filter: Filter, limit: Int64, _ db: borrowing Database) throws -> [FraudFlag] {
        guard let accountID = filter.accountID else { return try pageOfAll(filter, limit: limit, db) }
        guard filter.show.isOpen else { return try page(filter, of: accountID, limit: limit, db) }
        return try db.all(
            """
            SELECT id, public_id, account_id, app_id, campaign_id, referral_id, conversion_id, rules, remark, score,
                resolution, created_at, resolved_at
            FROM fraud_flag WHERE account_id = ? AND resolved_at IS NULL AND id < ? AND app_id = coalesce(?, app_id)
            ORDER BY id DESC LIMIT ?
            """,
            accountID,
            filter.before,
            filter.appID,
            limit,
            as: FraudFlag.init
        )
    }

    private static func page(
        _ filter: Filter,
        of accountID: Int64,
        limit: Int64,
        _ db: borrowing Database
    ) throws -> [FraudFlag] {
        try db.all(
            """
            SELECT id, public_id, account_id, app_id, campaign_id, referral_id, conversion_id, rules, remark, score,
                resolution, created_at, resolved_at
            FROM fraud_flag WHERE account_id = ? AND id < ? AND app_id = coalesce(?, app_id)
                AND (? = 'all' OR ? = 'resolved' AND resolved_at IS NOT NULL OR resolution = ?)
            ORDER BY id DESC LIMIT ?
            """,
            accountID,
            filter.before,
            filter.appID,
            filter.show.rawValue,
            filter.show.rawValue,
            filter.show.rawValue,
            limit,
            as: FraudFlag.init
        )
    }

    private static func pageOfAll(_ filter: Filter, limit: Int64, _ db: borrowing Database) throws -> [FraudFlag] {
        try db.all(
            """
            SELECT id, public_id, account_id, app_id, campaign_id, referral_id, conversion_id, rules, remark, score,
                resolution, created_at, resolved_at
            FROM fraud_flag WHERE id < ? AND app_id = coalesce(?, app_id)
                AND (? = 'all' OR ? = 1 AND resolved_at IS NULL OR ? = 'resolved' AND resolved_at IS NOT NULL
                    OR resolution = ?)
            ORDER BY id DESC LIMIT ?
            """,
            filter.before,
            filter.appID,
            filter.show.rawValue,
            filter.show.isOpen,
            filter.show.rawValue,
            filter.show.rawValue,
            limit,
            as: FraudFlag.init
        )
    }
}

extension FraudFlag {
    /// In the order of its declaration.
    fileprivate init(_ row: borrowing Row) throws {
        self.init(
            id: row[0],
            publicID: row[1],
            accountID: row[2],
            appID: row[3],
            campaignID: row[4],
            referralID: row[5],
            conversionID: row[6],
            rules: (row[7] as String).split(separator: " ").compactMap { Fraud.Rule(rawValue: String($0)) },
            remark: row[8],
            score: row[9],
            resolution: try row.optionalRaw(10),
            createdAt: Timestamp(milliseconds: row[11]),
            resolvedAt: (row[12] as Int64?).map { Timestamp(milliseconds: $0) }
        )
    }
}
