import Storage
import Web

/// Campaigns of apps. Every statement on `campaign` is in this file.
enum Campaigns {
    /// Of an app.
    static let most: Int64 = 1000

    /// Anybody's.
    /// - Returns: nil for one that was deleted, too.
    static func find(_ publicID: String, _ db: borrowing Database) throws -> Campaign? {
        try db.first(
            """
            SELECT id, public_id, account_id, app_id, created_at, updated_at, name, description, landing_url, status,
                referral_type, reward_model, reward_value, reward_cap, first_time_only, start_at, end_at,
                conversion_window, reward_expiration, level1_reward, level2_reward, level1_cap, level2_cap,
                tier_config, code_prefix, code_format, payout_type
            FROM campaign WHERE public_id = ? AND deleted_at IS NULL
            """,
            publicID,
            as: Campaign.init
        )
    }

    static func find(id: Int64, _ db: borrowing Database) throws -> Campaign? {
        try db.first(
            """
            SELECT id, public_id, account_id, app_id, created_at, updated_at, name, description, landing_url, status,
                referral_type, reward_model, reward_value, reward_cap, first_time_only, start_at, end_at,
                conversion_window, reward_expiration, level1_reward, level2_reward, level1_cap, level2_cap,
                tier_config, code_prefix, code_format, payout_type
            FROM campaign WHERE id = ? AND deleted_at IS NULL
            """,
            id,
            as: Campaign.init
        )
    }

    /// For what was earned under it.
    static func findEvenDeleted(id: Int64, _ db: borrowing Database) throws -> Campaign? {
        try db.first(
            """
            SELECT id, public_id, account_id, app_id, created_at, updated_at, name, description, landing_url, status,
                referral_type, reward_model, reward_value, reward_cap, first_time_only, start_at, end_at,
                conversion_window, reward_expiration, level1_reward, level2_reward, level1_cap, level2_cap,
                tier_config, code_prefix, code_format, payout_type
            FROM campaign WHERE id = ?
            """,
            id,
            as: Campaign.init
        )
    }

    /// The newest first.
    static func list(ofApp appID: Int64, _ db: borrowing Database) throws -> [Campaign] {
        try db.all(
            """
            SELECT id, public_id, account_id, app_id, created_at, updated_at, name, description, landing_url, status,
                referral_type, reward_model, reward_value, reward_cap, first_time_only, start_at, end_at,
                conversion_window, reward_expiration, level1_reward, level2_reward, level1_cap, level2_cap,
                tier_config, code_prefix, code_format, payout_type
            FROM campaign WHERE app_id = ? AND deleted_at IS NULL ORDER BY id DESC
            """,
            appID,
            as: Campaign.init
        )
    }

    /// The newest first.
    static func list(ofAccount accountID: Int64, _ db: borrowing Database) throws -> [Campaign] {
        try db.all(
            """
            SELECT id, public_id, account_id, app_id, created_at, updated_at, name, description, landing_url, status,
                referral_type, reward_model, reward_value, reward_cap, first_time_only, start_at, end_at,
                conversion_window, reward_expiration, level1_reward, level2_reward, level1_cap, level2_cap,
                tier_config, code_prefix, code_format, payout_type
            FROM campaign WHERE account_id = ? AND deleted_at IS NULL ORDER BY id DESC
            """,
            accountID,
            as: Campaign.init
        )
    }

    /// - Returns: nil for another account's, and for one that was deleted.
    static func find(_ publicID: String, of accountID: Int64, _ db: borrowing Database) throws -> Campaign? {
        guard let campaign = try find(publicID, db), campaign.accountID == accountID else { return nil }
        return campaign
    }

    /// - Throws: ``Failure`` 404.
    static func require(_ publicID: String, of accountID: Int64, _ db: borrowing Database) throws -> Campaign {
        guard let campaign = try find(publicID, of: accountID, db) else {
            throw Failure.notFound("Campaign not found")
        }
        return campaign
    }

    /// Of deleted ones too: what they brought still counts.
    static func ids(ofApp appID: Int64, _ db: borrowing Database) throws -> [Int64] {
        try db.all("SELECT id FROM campaign WHERE app_id = ? ORDER BY id", appID) { row in row[0] }
    }

    static func isAny(ofAccount accountID: Int64, _ db: borrowing Database) throws -> Bool {
        try db.value("SELECT id FROM campaign WHERE account_id = ? AND deleted_at IS NULL LIMIT 1", accountID) as Int64?
            != nil
    }

    static func count(ofApp appID: Int64, _ db: borrowing Database) throws -> Int64 {
        try db.value("SELECT count(*) FROM campaign WHERE app_id = ? AND deleted_at IS NULL", appID) ?? 0
    }

    static func insert(
        _ terms: Campaign.Terms,
        publicID: String,
        accountID: Int64,
        appID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Int64 {
        try db.run(
            """
            INSERT INTO campaign (public_id, account_id, app_id, created_at, updated_at, name, description, landing_url,
                status, referral_type, reward_model, reward_value, reward_cap, first_time_only, start_at, end_at,
                conversion_window, reward_expiration, level1_reward, level2_reward, level1_cap, level2_cap,
                tier_config, code_prefix, code_format, payout_type)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            publicID,
            accountID,
            appID,
            now.milliseconds,
            now.milliseconds,
            terms.name,
            terms.description,
            terms.landingURL,
            terms.status.rawValue,
            terms.referralType.rawValue,
            terms.rewardModel.rawValue,
            terms.rewardMicros,
            terms.rewardCap,
            terms.isFirstTimeOnly,
            terms.startsAt?.milliseconds,
            terms.endsAt?.milliseconds,
            terms.conversionWindow,
            terms.rewardExpiration,
            terms.level1Micros,
            terms.level2Micros,
            terms.level1Cap,
            terms.level2Cap,
            try terms.storedTiers(),
            terms.codePrefix,
            terms.codeFormat.rawValue,
            terms.payoutType.rawValue
        )
        return db.lastInsertID
    }

    static func update(_ id: Int64, _ terms: Campaign.Terms, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            """
            UPDATE campaign SET updated_at = ?, name = ?, description = ?, landing_url = ?, status = ?,
                referral_type = ?, reward_model = ?, reward_value = ?, reward_cap = ?, first_time_only = ?,
                start_at = ?, end_at = ?, conversion_window = ?, reward_expiration = ?, level1_reward = ?,
                level2_reward = ?, level1_cap = ?, level2_cap = ?, tier_config = ?, code_prefix = ?, code_format = ?,
                payout_type = ?
            WHERE id = ?
            """,
            now.milliseconds,
            terms.name,
            terms.description,
            terms.landingURL,
            terms.status.rawValue,
            terms.referralType.rawValue,
            terms.rewardModel.rawValue,
            terms.rewardMicros,
            terms.rewardCap,
            terms.isFirstTimeOnly,
            terms.startsAt?.milliseconds,
            terms.endsAt?.milliseconds,
            terms.conversionWindow,
            terms.rewardExpiration,
            terms.level1Micros,
            terms.level2Micros,
            terms.level1Cap,
            terms.level2Cap,
            try terms.storedTiers(),
            terms.codePrefix,
            terms.codeFormat.rawValue,
            terms.payoutType.rawValue,
            id
        )
    }

    /// The row stays, for what was earned under it.
    static func delete(_ id: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run("UPDATE campaign SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL", now.milliseconds, id)
    }

    static func delete(ofApp appID: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE campaign SET deleted_at = ? WHERE app_id = ? AND deleted_at IS NULL",
            now.milliseconds,
            appID
        )
    }
}

extension Campaign.Terms {
    fileprivate func storedTiers() throws -> String? {
        try tierConfig.map { try String(decoding: JSONEncoding.bytes(of: $0), as: UTF8.self) }
    }
}

extension Campaign {
    /// Id, public id, account, app, when made and changed, then the terms in the order of their declaration.
    fileprivate init(_ row: borrowing Row) throws {
        func moment(_ milliseconds: Int64?) -> Timestamp? { milliseconds.map { Timestamp(milliseconds: $0) } }
        let tiers = row[23] as String?
        self.init(
            id: row[0],
            publicID: row[1],
            accountID: row[2],
            appID: row[3],
            createdAt: Timestamp(milliseconds: row[4]),
            updatedAt: Timestamp(milliseconds: row[5]),
            terms: Terms(
                name: row[6],
                description: row[7],
                landingURL: row[8],
                status: try row.raw(9),
                referralType: try row.raw(10),
                rewardModel: try row.raw(11),
                rewardMicros: row[12],
                rewardCap: row[13],
                isFirstTimeOnly: row[14],
                startsAt: moment(row[15]),
                endsAt: moment(row[16]),
                conversionWindow: row[17],
                rewardExpiration: row[18],
                level1Micros: row[19],
                level2Micros: row[20],
                level1Cap: row[21],
                level2Cap: row[22],
                tierConfig: try tiers.map { try JSONParser.parse(Array($0.utf8)) },
                codePrefix: row[24],
                codeFormat: try row.raw(25),
                payoutType: try row.raw(26)
            )
        )
    }
}
