import Storage

/// What campaigns brought in a part of an hour, counted row by row: the edges of windows that begin or end within one.
///
/// What counts is what ``CampaignCounts`` was told of: codes until they are deleted, clicks, conversions while
/// they are confirmed, rewards until they are cancelled, less what was taken back of them.
enum CampaignEdges {
    /// In one statement, since what a statement costs is more than the rows of an hour do.
    /// - Parameter moments: milliseconds since 1970, within one hour.
    static func sum(
        of campaignID: Int64,
        _ moments: Range<Int64>,
        _ db: borrowing Database
    ) throws -> CampaignCounts.Step {
        let (begin, end) = (moments.lowerBound, moments.upperBound)
        var sum = CampaignCounts.Step()
        try db.each(
            """
            SELECT count(*) AS referrals, 0 AS clicks, 0 AS conversions, 0 AS revenue, 0 AS rewards, 0 AS reward_amount
            FROM referral WHERE campaign_id = ? AND created_at >= ? AND created_at < ? AND deleted_at IS NULL
            UNION ALL
            SELECT 0, count(*), 0, 0, 0, 0 FROM referral_click
            WHERE campaign_id = ? AND clicked_at >= ? AND clicked_at < ?
            UNION ALL
            SELECT 0, 0, count(*), coalesce(sum(amount), 0), 0, 0 FROM conversion
            WHERE campaign_id = ? AND converted_at >= ? AND converted_at < ? AND status = 'CONVERTED'
            UNION ALL
            SELECT 0, 0, 0, 0, count(*), coalesce(sum(amount - taken_back), 0) FROM reward
            WHERE campaign_id = ? AND created_at >= ? AND created_at < ? AND status <> 'CANCELLED'
            """,
            campaignID,
            begin,
            end,
            campaignID,
            begin,
            end,
            campaignID,
            begin,
            end,
            campaignID,
            begin,
            end
        ) { row in
            sum += CampaignCounts.Step(row, from: 0)
            return true
        }
        return sum
    }
}
