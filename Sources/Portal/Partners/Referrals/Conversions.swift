import Crypto
import Storage

/// Who converted by whose code. Every statement on `conversion` is in this file.
enum Conversions {
    struct New: Sendable {
        let referral: Referral
        let refereeID: String
        let amount: Cents?
        let currency: Currency
        /// JSON.
        let metadata: String?
        let paymentID: String?
        let visitor: Visitor
        let status: Conversion.Status
        let riskScore: Int64
        let convertedAt: Timestamp
    }

    /// - Returns: nil where the referee has converted by this code before.
    static func insert(_ new: New, _ db: borrowing Database) throws -> Conversion? {
        var conversion = Conversion(
            id: 0,
            publicID: "cnv_\(try Random.base62(24))",
            accountID: new.referral.accountID,
            appID: new.referral.appID,
            campaignID: new.referral.campaignID,
            referralID: new.referral.id,
            referrerID: new.referral.referrerID,
            refereeID: new.refereeID,
            amount: new.amount,
            currency: new.currency,
            paymentID: new.paymentID,
            status: new.status,
            riskScore: new.riskScore,
            convertedAt: new.convertedAt,
            refunded: .zero
        )
        let isNew =
            try db.run(
                """
                INSERT INTO conversion (public_id, account_id, app_id, campaign_id, referral_id, referrer_id,
                    referee_id, amount, currency, metadata, payment_id, address, device, status, risk_score,
                    converted_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (referral_id, referee_id) DO NOTHING
                """,
                conversion.publicID,
                conversion.accountID,
                conversion.appID,
                conversion.campaignID,
                conversion.referralID,
                conversion.referrerID,
                conversion.refereeID,
                conversion.amount?.value,
                conversion.currency.code,
                new.metadata,
                conversion.paymentID,
                new.visitor.address,
                new.visitor.device,
                conversion.status.rawValue,
                conversion.riskScore,
                conversion.convertedAt.milliseconds
            ) > 0
        conversion.id = db.lastInsertID
        return isNew ? conversion : nil
    }

    static func find(_ publicID: String, app appID: Int64, _ db: borrowing Database) throws -> Conversion? {
        try db.first(
            """
            SELECT id, public_id, account_id, app_id, campaign_id, referral_id, referrer_id, referee_id, amount,
                currency, payment_id, status, risk_score, converted_at, refunded
            FROM conversion WHERE public_id = ? AND app_id = ?
            """,
            publicID,
            appID,
            as: Conversion.init
        )
    }

    static func find(id: Int64, _ db: borrowing Database) throws -> Conversion? {
        try db.first(
            """
            SELECT id, public_id, account_id, app_id, campaign_id, referral_id, referrer_id, referee_id, amount,
                currency, payment_id, status, risk_score, converted_at, refunded
            FROM conversion WHERE id = ?
            """,
            id,
            as: Conversion.init
        )
    }

    /// By one code, oldest first.
    static func list(of referralID: Int64, _ db: borrowing Database) throws -> [Conversion] {
        try db.all(
            """
            SELECT id, public_id, account_id, app_id, campaign_id, referral_id, referrer_id, referee_id, amount,
                currency, payment_id, status, risk_score, converted_at, refunded
            FROM conversion WHERE referral_id = ? ORDER BY converted_at, id
            """,
            referralID,
            as: Conversion.init
        )
    }

    /// Those that are about a payment at the provider.
    static func list(payment paymentID: String, _ db: borrowing Database) throws -> [Conversion] {
        try db.all(
            """
            SELECT id, public_id, account_id, app_id, campaign_id, referral_id, referrer_id, referee_id, amount,
                currency, payment_id, status, risk_score, converted_at, refunded
            FROM conversion WHERE payment_id = ? ORDER BY id
            """,
            paymentID,
            as: Conversion.init
        )
    }

    static func set(_ status: Conversion.Status, of id: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE conversion SET status = ?, reversed_at = ? WHERE id = ?",
            status.rawValue,
            status == .reversed ? now.milliseconds : nil,
            id
        )
    }

    static func set(refunded: Cents, of id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE conversion SET refunded = ? WHERE id = ?", refunded.value, id)
    }
}

// MARK: What decides about a new one

extension Conversions {
    static func has(_ referralID: Int64, refereeID: String, _ db: borrowing Database) throws -> Bool {
        try db.value(
            "SELECT id FROM conversion WHERE referral_id = ? AND referee_id = ?",
            referralID,
            refereeID
        ) as Int64? != nil
    }

    /// Whether a user of the app has converted before, by whatever code; what was fraud does not count.
    static func has(app appID: Int64, refereeID: String, _ db: borrowing Database) throws -> Bool {
        try db.value(
            "SELECT id FROM conversion WHERE app_id = ? AND referee_id = ? AND status <> 'REJECTED' LIMIT 1",
            appID,
            refereeID
        ) as Int64? != nil
    }

    /// How many confirmed ones a referrer has in a campaign from before this one, `most` at most.
    static func earlier(than conversion: Conversion, upTo most: Int64, _ db: borrowing Database) throws -> Int64 {
        try db.value(
            """
            SELECT count(*) FROM (SELECT 1 FROM conversion WHERE campaign_id = ? AND referrer_id = ?
                AND (converted_at < ? OR converted_at = ? AND id < ?) AND status = 'CONVERTED' LIMIT ?) AS found
            """,
            conversion.campaignID,
            conversion.referrerID,
            conversion.convertedAt.milliseconds,
            conversion.convertedAt.milliseconds,
            conversion.id,
            most
        ) ?? 0
    }

    /// Who referred a user to a campaign, by the first confirmed conversion there.
    static func referrer(of user: String, to campaign: Campaign, _ db: borrowing Database) throws -> String? {
        try db.value(
            """
            SELECT referrer_id FROM conversion WHERE app_id = ? AND referee_id = ? AND campaign_id = ?
                AND status = 'CONVERTED' ORDER BY converted_at, id LIMIT 1
            """,
            campaign.appID,
            user,
            campaign.id
        )
    }

    /// As many as fraud rules need to know of, by a referrer's codes since a moment.
    static func count(
        app appID: Int64,
        referrer: String,
        since begin: Timestamp,
        upTo most: Int64,
        _ db: borrowing Database
    ) throws -> Int64 {
        try db.value(
            """
            SELECT count(*) FROM (SELECT 1 FROM conversion
                WHERE app_id = ? AND referrer_id = ? AND converted_at > ? LIMIT ?) AS found
            """,
            appID,
            referrer,
            begin.milliseconds,
            most
        ) ?? 0
    }

    /// When the newest of them were, in order.
    static func times(
        app appID: Int64,
        referrer: String,
        since begin: Timestamp,
        limit: Int64,
        _ db: borrowing Database
    ) throws -> [Int64] {
        try db.all(
            """
            SELECT converted_at FROM conversion WHERE app_id = ? AND referrer_id = ? AND converted_at > ?
            ORDER BY converted_at DESC LIMIT ?
            """,
            appID,
            referrer,
            begin.milliseconds,
            limit
        ) { row in row[0] }.reversed()
    }
}

extension Conversion {
    /// In the order of its declaration.
    fileprivate init(_ row: borrowing Row) throws {
        self.init(
            id: row[0],
            publicID: row[1],
            accountID: row[2],
            appID: row[3],
            campaignID: row[4],
            referralID: row[5],
            referrerID: row[6],
            refereeID: row[7],
            amount: (row[8] as Int64?).map { Cents($0) },
            currency: Currency(row[9] as String) ?? .usd,
            paymentID: row[10],
            status: try row.raw(11),
            riskScore: row[12],
            convertedAt: Timestamp(milliseconds: row[13]),
            refunded: Cents(row[14])
        )
    }
}
