import Storage

/// What campaigns brought in a part of an hour, counted row by row: the edges of windows that begin or end within one.
///
/// What counts is what ``CampaignCounts`` was told of: codes until they are deleted, clicks, conversions while
/// they are confirmed, rewards until they are cancelled, less what was taken back of them.
enum CampaignEdges {
    /// - Parameter milliseconds: since 1970, within one hour.
    static func sum(
        of campaignID: Int64,
        _ milliseconds: Range<Int64>,
        _ db: borrowing Database
    ) throws -> CampaignCounts.Step {
        let hour = milliseconds.lowerBound / 3_600_000
        // Where the hour has none of a kind, there is nothing to look for.
        let whole = try CampaignCounts.sum(of: campaignID, hours: hour..<hour + 1, db)
        var sum = CampaignCounts.Step()
        if whole.referrals != 0 { sum.referrals = try referrals(of: campaignID, milliseconds, db) }
        if whole.clicks != 0 { sum.clicks = try clicks(of: campaignID, milliseconds, db) }
        if whole.conversions != 0 {
            (sum.conversions, sum.revenue) = try conversions(of: campaignID, milliseconds, db)
        }
        if whole.rewards != 0 { (sum.rewards, sum.rewardAmount) = try rewards(of: campaignID, milliseconds, db) }
        return sum
    }

    private static func referrals(
        of campaignID: Int64,
        _ moments: Range<Int64>,
        _ db: borrowing Database
    ) throws -> Int64 {
        try db.value(
            """
            SELECT count(*) FROM referral
            WHERE campaign_id = ? AND created_at >= ? AND created_at < ? AND deleted_at IS NULL
            """,
            campaignID,
            moments.lowerBound,
            moments.upperBound
        ) ?? 0
    }

    private static func clicks(
        of campaignID: Int64,
        _ moments: Range<Int64>,
        _ db: borrowing Database
    ) throws -> Int64 {
        try db.value(
            "SELECT count(*) FROM referral_click WHERE campaign_id = ? AND clicked_at >= ? AND clicked_at < ?",
            campaignID,
            moments.lowerBound,
            moments.upperBound
        ) ?? 0
    }

    private static func conversions(
        of campaignID: Int64,
        _ moments: Range<Int64>,
        _ db: borrowing Database
    ) throws -> (count: Int64, amount: Int64) {
        try db.first(
            """
            SELECT count(*), coalesce(sum(amount), 0) FROM conversion
            WHERE campaign_id = ? AND converted_at >= ? AND converted_at < ? AND status = 'CONVERTED'
            """,
            campaignID,
            moments.lowerBound,
            moments.upperBound
        ) { row in (row[0], row[1]) } ?? (0, 0)
    }

    private static func rewards(
        of campaignID: Int64,
        _ moments: Range<Int64>,
        _ db: borrowing Database
    ) throws -> (count: Int64, amount: Int64) {
        try db.first(
            """
            SELECT count(*), coalesce(sum(amount - taken_back), 0) FROM reward
            WHERE campaign_id = ? AND created_at >= ? AND created_at < ? AND status <> 'CANCELLED'
            """,
            campaignID,
            moments.lowerBound,
            moments.upperBound
        ) { row in (row[0], row[1]) } ?? (0, 0)
    }
}
