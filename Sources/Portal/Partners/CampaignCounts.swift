import Storage

/// What campaigns brought, by day and by hour: what every report reads, so that it costs the same whatever there is to
/// count. Every statement on `campaign_day` and `campaign_hour` is in this file.
enum CampaignCounts {
    /// What one row adds; what is taken back again is negative, at the time of the row that it is about.
    struct Step: Sendable {
        var referrals: Int64 = 0
        var clicks: Int64 = 0
        /// Confirmed ones, and their amounts in minor units.
        var conversions: Int64 = 0
        var revenue: Int64 = 0
        /// Those that were not cancelled, and their amounts in minor units.
        var rewards: Int64 = 0
        var rewardAmount: Int64 = 0
    }

    /// In the transaction of the row that is counted.
    /// - Parameter moment: the row's own time.
    static func add(_ step: Step, to campaignID: Int64, at moment: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            """
            INSERT INTO campaign_day
                (campaign_id, day, referrals, clicks, conversions, revenue, rewards, reward_amount)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (campaign_id, day) DO UPDATE SET referrals = campaign_day.referrals + excluded.referrals,
                clicks = campaign_day.clicks + excluded.clicks,
                conversions = campaign_day.conversions + excluded.conversions,
                revenue = campaign_day.revenue + excluded.revenue, rewards = campaign_day.rewards + excluded.rewards,
                reward_amount = campaign_day.reward_amount + excluded.reward_amount
            """,
            campaignID,
            moment.day.number,
            step.referrals,
            step.clicks,
            step.conversions,
            step.revenue,
            step.rewards,
            step.rewardAmount
        )
        try db.run(
            """
            INSERT INTO campaign_hour
                (campaign_id, hour, referrals, clicks, conversions, revenue, rewards, reward_amount)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (campaign_id, hour) DO UPDATE SET referrals = campaign_hour.referrals + excluded.referrals,
                clicks = campaign_hour.clicks + excluded.clicks,
                conversions = campaign_hour.conversions + excluded.conversions,
                revenue = campaign_hour.revenue + excluded.revenue,
                rewards = campaign_hour.rewards + excluded.rewards,
                reward_amount = campaign_hour.reward_amount + excluded.reward_amount
            """,
            campaignID,
            moment.milliseconds / 3_600_000,
            step.referrals,
            step.clicks,
            step.conversions,
            step.revenue,
            step.rewards,
            step.rewardAmount
        )
    }
}
