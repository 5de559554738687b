import Crypto
import Storage

/// Each time somebody followed a code. Every statement on `referral_click` is in this file.
enum ReferralClicks {
    struct Click: Sendable {
        let publicID: String
        let refereeID: String?
        let clickedAt: Timestamp
    }

    /// Notes a click, in the transaction of whatever it means for the referral.
    static func record(
        _ referral: Referral,
        refereeID: String?,
        by visitor: Visitor,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Click {
        let click = Click(publicID: "clk_\(try Random.base62(24))", refereeID: refereeID, clickedAt: now)
        try db.run(
            """
            INSERT INTO referral_click (public_id, referral_id, campaign_id, referee_id, address, device, clicked_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            click.publicID,
            referral.id,
            referral.campaignID,
            refereeID,
            visitor.address,
            visitor.device,
            now.milliseconds
        )
        try Referrals.setClicked(referral.id, at: now, db)
        try CampaignCounts.add(.init(clicks: 1), to: referral.campaignID, at: now, db)
        try PartnerEvents.clicked(click, referral, db)
        return click
    }

    /// Whose click was the last one that told.
    static func lastReferee(of referralID: Int64, _ db: borrowing Database) throws -> String? {
        try db.value(
            """
            SELECT referee_id FROM referral_click WHERE referral_id = ? AND referee_id IS NOT NULL
            ORDER BY clicked_at DESC LIMIT 1
            """,
            referralID
        )
    }

    /// The last click since a moment that a referee, or a visitor from an address whose name nobody told, made.
    static func last(
        of referralID: Int64,
        refereeID: String,
        address: String,
        since moment: Timestamp,
        _ db: borrowing Database
    ) throws -> Timestamp? {
        let time: Int64? = try db.value(
            """
            SELECT clicked_at FROM referral_click WHERE referral_id = ? AND clicked_at > ?
                AND (referee_id = ? OR referee_id IS NULL AND address = ?) ORDER BY clicked_at DESC LIMIT 1
            """,
            referralID,
            moment.milliseconds,
            refereeID,
            address
        )
        return time.map { Timestamp(milliseconds: $0) }
    }
}
