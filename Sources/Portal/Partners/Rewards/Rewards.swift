import Storage

/// What users earned by campaigns. Every statement on `reward` is in this file.
enum Rewards {
    static func insert(_ reward: Reward, _ db: borrowing Database) throws -> Int64 {
        try db.run(
            """
            INSERT INTO reward (public_id, account_id, app_id, campaign_id, referral_id, conversion_id, user_id, level,
                amount, currency, payout_type, status, held_until, expires_at, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            reward.publicID,
            reward.accountID,
            reward.appID,
            reward.campaignID,
            reward.referralID,
            reward.conversionID,
            reward.userID,
            reward.level,
            reward.amount.value,
            reward.currency,
            reward.payoutType.rawValue,
            reward.status.rawValue,
            reward.heldUntil.milliseconds,
            reward.expiresAt?.milliseconds,
            reward.createdAt.milliseconds
        )
        return db.lastInsertID
    }

    /// Writes all of one that may change.
    static func update(_ reward: Reward, _ db: borrowing Database) throws {
        try db.run(
            """
            UPDATE reward SET taken_back = ?, paid_out = ?, status = ?, cancel_reason = ?, approved_at = ?, paid_at = ?,
                cancelled_at = ?, changes = ?
            WHERE id = ?
            """,
            reward.takenBack.value,
            reward.paidOut.value,
            reward.status.rawValue,
            reward.cancelReason?.rawValue,
            reward.approvedAt?.milliseconds,
            reward.paidAt?.milliseconds,
            reward.cancelledAt?.milliseconds,
            reward.changes,
            reward.id
        )
    }

    static func find(_ publicID: String, of accountID: Int64, _ db: borrowing Database) throws -> Reward? {
        try db.first(
            """
            SELECT id, public_id, account_id, app_id, campaign_id, referral_id, conversion_id, user_id, level, amount,
                taken_back, paid_out, currency, payout_type, status, cancel_reason, held_until, expires_at, created_at,
                approved_at, paid_at, cancelled_at, changes
            FROM reward WHERE public_id = ? AND account_id = ?
            """,
            publicID,
            accountID,
            as: Reward.init
        )
    }

    /// By level.
    static func list(of conversionID: Int64, _ db: borrowing Database) throws -> [Reward] {
        try db.all(
            """
            SELECT id, public_id, account_id, app_id, campaign_id, referral_id, conversion_id, user_id, level, amount,
                taken_back, paid_out, currency, payout_type, status, cancel_reason, held_until, expires_at, created_at,
                approved_at, paid_at, cancelled_at, changes
            FROM reward WHERE conversion_id = ? ORDER BY level
            """,
            conversionID,
            as: Reward.init
        )
    }

    /// Whether anything is due to be approved or to expire.
    static func hasDue(at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        try !mature(at: now, limit: 1, db).isEmpty || !expired(at: now, limit: 1, db).isEmpty
    }

    /// Those that were held back for long enough, and about which nothing is open.
    static func mature(at now: Timestamp, limit: Int64, _ db: borrowing Database) throws -> [Reward] {
        try db.all(
            """
            SELECT id, public_id, account_id, app_id, campaign_id, referral_id, conversion_id, user_id, level, amount,
                taken_back, paid_out, currency, payout_type, status, cancel_reason, held_until, expires_at, created_at,
                approved_at, paid_at, cancelled_at, changes
            FROM reward WHERE status = 'PENDING' AND held_until <= ? AND NOT EXISTS (SELECT 1 FROM fraud_flag f
                WHERE f.referral_id = reward.referral_id AND f.resolved_at IS NULL)
            ORDER BY held_until LIMIT ?
            """,
            now.milliseconds,
            limit,
            as: Reward.init
        )
    }

    /// Those that nobody took in time.
    static func expired(at now: Timestamp, limit: Int64, _ db: borrowing Database) throws -> [Reward] {
        try db.all(
            """
            SELECT id, public_id, account_id, app_id, campaign_id, referral_id, conversion_id, user_id, level, amount,
                taken_back, paid_out, currency, payout_type, status, cancel_reason, held_until, expires_at, created_at,
                approved_at, paid_at, cancelled_at, changes
            FROM reward WHERE status IN ('PENDING', 'APPROVED') AND expires_at IS NOT NULL AND expires_at <= ?
                AND NOT EXISTS (SELECT 1 FROM fraud_flag f
                    WHERE f.referral_id = reward.referral_id AND f.resolved_at IS NULL)
            ORDER BY expires_at LIMIT ?
            """,
            now.milliseconds,
            limit,
            as: Reward.init
        )
    }

    /// What a user is owed of rewards that were paid, beyond what was paid out: less than nothing where what was paid
    /// out has been taken back since.
    static func carried(
        by user: String,
        app appID: Int64,
        in currency: String,
        _ db: borrowing Database
    ) throws -> Cents {
        Cents(
            try db.value(
                """
                SELECT coalesce(sum(amount - taken_back - paid_out), 0) FROM reward
                WHERE app_id = ? AND user_id = ? AND currency = ? AND paid_at IS NOT NULL
                    AND paid_out <> amount - taken_back
                """,
                appID,
                user,
                currency
            ) ?? 0
        )
    }
}

// MARK: Lists

extension Rewards {
    struct Filter: Sendable {
        let accountID: Int64
        /// Both known to be the account's.
        var appID: Int64?
        var campaignID: Int64?
        var userID: String?
        var status: Reward.Status?
        /// Those with a lower id.
        var before = Int64.max
    }

    /// Newest first.
    static func page(_ filter: Filter, limit: Int64, _ db: borrowing Database) throws -> [Reward] {
        if let user = filter.userID { return try page(filter, user: user, limit: limit, db) }
        if let campaign = filter.campaignID { return try page(filter, campaign: campaign, limit: limit, db) }
        if let status = filter.status { return try page(filter, status: status, limit: limit, db) }
        return try db.all(
            """
            SELECT id, public_id, account_id, app_id, campaign_id, referral_id, conversion_id, user_id, level, amount,
                taken_back, paid_out, currency, payout_type, status, cancel_reason, held_until, expires_at, created_at,
                approved_at, paid_at, cancelled_at, changes
            FROM reward WHERE account_id = ? AND id < ? AND app_id = coalesce(?, app_id) ORDER BY id DESC LIMIT ?
            """,
            filter.accountID,
            filter.before,
            filter.appID,
            limit,
            as: Reward.init
        )
    }

    private static func page(
        _ filter: Filter,
        user: String,
        limit: Int64,
        _ db: borrowing Database
    ) throws -> [Reward] {
        try db.all(
            """
            SELECT id, public_id, account_id, app_id, campaign_id, referral_id, conversion_id, user_id, level, amount,
                taken_back, paid_out, currency, payout_type, status, cancel_reason, held_until, expires_at, created_at,
                approved_at, paid_at, cancelled_at, changes
            FROM reward WHERE account_id = ? AND user_id = ? AND id < ? AND app_id = coalesce(?, app_id)
                AND campaign_id = coalesce(?, campaign_id) AND status = coalesce(?, status) ORDER BY id DESC LIMIT ?
            """,
            filter.accountID,
            user,
            filter.before,
            filter.appID,
            filter.campaignID,
            filter.status?.rawValue,
            limit,
            as: Reward.init
        )
    }

    private static func page(
        _ filter: Filter,
        campaign: Int64,
        limit: Int64,
        _ db: borrowing Database
    ) throws -> [Reward] {
        try db.all(
            """
            SELECT id, public_id, account_id, app_id, campaign_id, referral_id, conversion_id, user_id, level, amount,
                taken_back, paid_out, currency, payout_type, status, cancel_reason, held_until, expires_at, created_at,
                approved_at, paid_at, cancelled_at, changes
            FROM reward WHERE campaign_id = ? AND id < ? AND app_id = coalesce(?, app_id)
                AND status = coalesce(?, status) ORDER BY id DESC LIMIT ?
            """,
            campaign,
            filter.before,
            filter.appID,
            filter.status?.rawValue,
            limit,
            as: Reward.init
        )
    }

    private static func page(
        _ filter: Filter,
        status: Reward.Status,
        limit: Int64,
        _ db: borrowing Database
    ) throws -> [Reward] {
        try db.all(
            """
            SELECT id, public_id, account_id, app_id, campaign_id, referral_id, conversion_id, user_id, level, amount,
                taken_back, paid_out, currency, payout_type, status, cancel_reason, held_until, expires_at, created_at,
                approved_at, paid_at, cancelled_at, changes
            FROM reward WHERE account_id = ? AND status = ? AND id < ? AND app_id = coalesce(?, app_id)
            ORDER BY id DESC LIMIT ?
            """,
            filter.accountID,
            status.rawValue,
            filter.before,
            filter.appID,
            limit,
            as: Reward.init
        )
    }
}

extension Reward {
    /// In the order of its declaration.
    fileprivate init(_ row: borrowing Row) throws {
        func moment(_ milliseconds: Int64?) -> Timestamp? { milliseconds.map { Timestamp(milliseconds: $0) } }
        self.init(
            id: row[0],
            publicID: row[1],
            accountID: row[2],
            appID: row[3],
            campaignID: row[4],
            referralID: row[5],
            conversionID: row[6],
            userID: row[7],
            level: row[8],
            amount: Cents(row[9]),
            takenBack: Cents(row[10]),
            paidOut: Cents(row[11]),
            currency: row[12],
            payoutType: try row.raw(13),
            status: try row.raw(14),
            cancelReason: try row.optionalRaw(15),
            heldUntil: Timestamp(milliseconds: row[16]),
            expiresAt: moment(row[17]),
            createdAt: Timestamp(milliseconds: row[18]),
            approvedAt: moment(row[19]),
            paidAt: moment(row[20]),
            cancelledAt: moment(row[21]),
            changes: row[22]
        )
    }
}
