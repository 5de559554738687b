import Crypto
import Storage
import Web

/// Referrers' codes. Every statement on `referral` is in this file.
enum Referrals {
    struct New: Sendable {
        let campaign: Campaign
        let code: String
        let referrerID: String
        let refereeID: String?
        let username: String?
        let email: String?
        let visitor: Visitor
        let findings: Fraud.Findings
        let createdAt: Timestamp
    }

    static func insert(_ new: New, _ db: borrowing Database) throws -> Referral {
        var referral = Referral(
            id: 0,
            publicID: "ref_\(try Random.base62(24))",
            accountID: new.campaign.accountID,
            appID: new.campaign.appID,
            campaignID: new.campaign.id,
            code: new.code,
            referrerID: new.referrerID,
            refereeID: new.refereeID,
            username: new.username,
            email: new.email,
            address: new.visitor.address,
            status: new.findings.isFlagged ? .flagged : .pending,
            riskScore: new.findings.score,
            clickedAt: nil,
            createdAt: new.createdAt
        )
        try db.run(
            """
            INSERT INTO referral (public_id, account_id, app_id, campaign_id, code, referrer_id, referee_id, username,
                email, address, device, status, risk_score, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            referral.publicID,
            referral.accountID,
            referral.appID,
            referral.campaignID,
            referral.code,
            referral.referrerID,
            referral.refereeID,
            referral.username,
            referral.email,
            referral.address,
            new.visitor.device,
            referral.status.rawValue,
            referral.riskScore,
            referral.createdAt.milliseconds
        )
        referral.id = db.lastInsertID
        return referral
    }

    static func hasCode(_ code: String, _ db: borrowing Database) throws -> Bool {
        try db.value("SELECT id FROM referral WHERE code = ?", code) as Int64? != nil
    }

    /// By its code, which is none once it was deleted or found to be fraud.
    static func find(code: String, _ db: borrowing Database) throws -> Referral? {
        try db.first(
            """
            SELECT id, public_id, account_id, app_id, campaign_id, code, referrer_id, referee_id, username, email,
                address, status, risk_score, clicked_at, created_at
            FROM referral WHERE code = ? AND deleted_at IS NULL AND status <> 'REJECTED'
            """,
            code,
            as: Referral.init
        )
    }

    /// - Throws: ``Failure`` 404 for another app's, too.
    static func require(code: String, app appID: Int64, _ db: borrowing Database) throws -> Referral {
        guard let referral = try find(code: code, db), referral.appID == appID else {
            throw Failure.notFound("Referral code not found")
        }
        return referral
    }

    /// An account's own, by its public id; nil for one that was deleted.
    static func find(_ publicID: String, of accountID: Int64, _ db: borrowing Database) throws -> Referral? {
        try db.first(
            """
            SELECT id, public_id, account_id, app_id, campaign_id, code, referrer_id, referee_id, username, email,
                address, status, risk_score, clicked_at, created_at
            FROM referral WHERE public_id = ? AND account_id = ? AND deleted_at IS NULL
            """,
            publicID,
            accountID,
            as: Referral.init
        )
    }

    /// Deleted ones too, for what hangs on them.
    static func find(id: Int64, _ db: borrowing Database) throws -> Referral? {
        try db.first(
            """
            SELECT id, public_id, account_id, app_id, campaign_id, code, referrer_id, referee_id, username, email,
                address, status, risk_score, clicked_at, created_at
            FROM referral WHERE id = ?
            """,
            id,
            as: Referral.init
        )
    }

    static func setClicked(_ id: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            """
            UPDATE referral SET clicked_at = ?, status = CASE WHEN status = 'PENDING' THEN 'CLICKED' ELSE status END
            WHERE id = ?
            """,
            now.milliseconds,
            id
        )
    }

    /// Unless somebody has to look at it, or found it to be fraud.
    static func setConverted(_ id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE referral SET status = 'CONVERTED' WHERE id = ? AND status IN ('PENDING', 'CLICKED')", id)
    }

    static func set(_ status: Referral.Status, of id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE referral SET status = ? WHERE id = ?", status.rawValue, id)
    }

    /// - Returns: false for one that was deleted before.
    static func delete(_ id: Int64, at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        try db.run(
            "UPDATE referral SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL",
            now.milliseconds,
            id
        ) > 0
    }
}

// MARK: What fraud rules count; a count ends at `most`, so that it costs the same whatever there is to count.

extension Referrals {
    static func count(
        app appID: Int64,
        address: String,
        since begin: Timestamp,
        upTo most: Int64,
        _ db: borrowing Database
    ) throws -> Int64 {
        try db.value(
            """
            SELECT count(*) FROM (SELECT 1 FROM referral
                WHERE app_id = ? AND address = ? AND created_at > ? LIMIT ?) AS found
            """,
            appID,
            address,
            begin.milliseconds,
            most
        ) ?? 0
    }

    static func count(
        app appID: Int64,
        device: [UInt8],
        since begin: Timestamp,
        upTo most: Int64,
        _ db: borrowing Database
    ) throws -> Int64 {
        try db.value(
            """
            SELECT count(*) FROM (SELECT 1 FROM referral
                WHERE app_id = ? AND device = ? AND created_at > ? LIMIT ?) AS found
            """,
            appID,
            device,
            begin.milliseconds,
            most
        ) ?? 0
    }

    static func count(
        app appID: Int64,
        referrer: String,
        since begin: Timestamp,
        upTo most: Int64,
        _ db: borrowing Database
    ) throws -> Int64 {
        try db.value(
            """
            SELECT count(*) FROM (SELECT 1 FROM referral
                WHERE app_id = ? AND referrer_id = ? AND created_at > ? LIMIT ?) AS found
            """,
            appID,
            referrer,
            begin.milliseconds,
            most
        ) ?? 0
    }

    /// When a referrer's newest codes were made, in order.
    static func times(
        app appID: Int64,
        referrer: String,
        since begin: Timestamp,
        limit: Int64,
        _ db: borrowing Database
    ) throws -> [Int64] {
        try db.all(
            """
            SELECT created_at FROM referral WHERE app_id = ? AND referrer_id = ? AND created_at > ?
            ORDER BY created_at DESC LIMIT ?
            """,
            appID,
            referrer,
            begin.milliseconds,
            limit
        ) { row in row[0] }.reversed()
    }
}

// MARK: Lists

extension Referrals {
    struct Filter: Sendable {
        let accountID: Int64
        /// Both known to be the account's.
        var appID: Int64?
        var campaignID: Int64?
        var status: Referral.Status?
        /// Those with a lower id.
        var before = Int64.max
    }

    /// Newest first.
    static func page(_ filter: Filter, limit: Int64, _ db: borrowing Database) throws -> [Referral] {
        if let campaignID = filter.campaignID {
            return try db.all(
                """
                SELECT id, public_id, account_id, app_id, campaign_id, code, referrer_id, referee_id, username, email,
                    address, status, risk_score, clicked_at, created_at
                FROM referral WHERE campaign_id = ? AND app_id = coalesce(?, app_id) AND status = coalesce(?, status)
                    AND id < ? AND deleted_at IS NULL ORDER BY id DESC LIMIT ?
                """,
                campaignID,
                filter.appID,
                filter.status?.rawValue,
                filter.before,
                limit,
                as: Referral.init
            )
        }
        if let status = filter.status {
            return try db.all(
                """
                SELECT id, public_id, account_id, app_id, campaign_id, code, referrer_id, referee_id, username, email,
                    address, status, risk_score, clicked_at, created_at
                FROM referral WHERE account_id = ? AND status = ? AND app_id = coalesce(?, app_id) AND id < ?
                    AND deleted_at IS NULL ORDER BY id DESC LIMIT ?
                """,
                filter.accountID,
                status.rawValue,
                filter.appID,
                filter.before,
                limit,
                as: Referral.init
            )
        }
        return try newest(of: filter.accountID, app: filter.appID, before: filter.before, limit: limit, db)
    }

    private static func newest(
        of accountID: Int64,
        app appID: Int64?,
        before id: Int64,
        limit: Int64,
        _ db: borrowing Database
    ) throws -> [Referral] {
        if let appID {
            return try db.all(
                """
                SELECT id, public_id, account_id, app_id, campaign_id, code, referrer_id, referee_id, username, email,
                    address, status, risk_score, clicked_at, created_at
                FROM referral WHERE app_id = ? AND id < ? AND deleted_at IS NULL ORDER BY id DESC LIMIT ?
                """,
                appID,
                id,
                limit,
                as: Referral.init
            )
        }
        return try db.all(
            """
            SELECT id, public_id, account_id, app_id, campaign_id, code, referrer_id, referee_id, username, email,
                address, status, risk_score, clicked_at, created_at
            FROM referral WHERE account_id = ? AND id < ? AND deleted_at IS NULL ORDER BY id DESC LIMIT ?
            """,
            accountID,
            id,
            limit,
            as: Referral.init
        )
    }

    /// What happened last in an account, or in one of its apps: its newest codes as they are now.
    static func activity(
        account accountID: Int64,
        app appID: Int64?,
        limit: Int64,
        _ db: borrowing Database
    ) throws -> [Referral] {
        try newest(of: accountID, app: appID, before: .max, limit: limit, db)
    }

    /// A campaign's newest codes.
    static func recent(_ campaignID: Int64, limit: Int64, _ db: borrowing Database) throws -> [ReferralView] {
        let found: [Referral] = try db.all(
            """
            SELECT id, public_id, account_id, app_id, campaign_id, code, referrer_id, referee_id, username, email,
                address, status, risk_score, clicked_at, created_at
            FROM referral WHERE campaign_id = ? AND deleted_at IS NULL ORDER BY id DESC LIMIT ?
            """,
            campaignID,
            limit,
            as: Referral.init
        )
        return try found.map { try ReferralView($0, db) }
    }
}

extension Referral {
    /// In the order of its declaration.
    fileprivate init(_ row: borrowing Row) throws {
        self.init(
            id: row[0],
            publicID: row[1],
            accountID: row[2],
            appID: row[3],
            campaignID: row[4],
            code: row[5],
            referrerID: row[6],
            refereeID: row[7],
            username: row[8],
            email: row[9],
            address: row[10],
            status: try row.raw(11),
            riskScore: row[12],
            clickedAt: (row[13] as Int64?).map { Timestamp(milliseconds: $0) },
            createdAt: Timestamp(milliseconds: row[14])
        )
    }
}
