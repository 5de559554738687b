import Storage

/// What campaigns are counted to have brought is what their rows say: by hour; days are the sums of their
/// hours, and the total is that of the days.
enum CampaignCheck {
    /// - Returns: a sentence for each sum that is not that of its parts.
    static func run(_ db: borrowing Database) throws -> [String] {
        let hours: [String] = try db.all(
            """
            SELECT campaign_id, hour FROM (
                SELECT campaign_id, created_at / 3600000 AS hour, 1 AS referrals, 0 AS clicks, 0 AS conversions,
                    0 AS revenue, 0 AS rewards, 0 AS reward_amount
                FROM referral WHERE deleted_at IS NULL
                UNION ALL
                SELECT campaign_id, clicked_at / 3600000, 0, 1, 0, 0, 0, 0 FROM referral_click
                UNION ALL
                SELECT campaign_id, converted_at / 3600000, 0, 0, 1, coalesce(amount, 0), 0, 0
                FROM conversion WHERE status = 'CONVERTED'
                UNION ALL
                SELECT campaign_id, created_at / 3600000, 0, 0, 0, 0, 1, amount - taken_back
                FROM reward WHERE status <> 'CANCELLED'
                UNION ALL
                SELECT campaign_id, hour, -referrals, -clicks, -conversions, -revenue, -rewards, -reward_amount
                FROM campaign_hour
            ) AS r GROUP BY campaign_id, hour
            HAVING sum(referrals) <> 0 OR sum(clicks) <> 0 OR sum(conversions) <> 0 OR sum(revenue) <> 0
                OR sum(rewards) <> 0 OR sum(reward_amount) <> 0
            """
        ) { row in
            let hour = Timestamp(milliseconds: row[1] * 3_600_000)
            return "the hour from \(hour.text) of campaign \(row[0] as Int64) is not what its rows say"
        }
        let days: [String] = try db.all(
            """
            SELECT campaign_id, day FROM (
                SELECT campaign_id, hour / 24 AS day, referrals, clicks, conversions, revenue, rewards, reward_amount
                FROM campaign_hour
                UNION ALL
                SELECT campaign_id, day, -referrals, -clicks, -conversions, -revenue, -rewards, -reward_amount
                FROM campaign_day
            ) AS r GROUP BY campaign_id, day
            HAVING sum(referrals) <> 0 OR sum(clicks) <> 0 OR sum(conversions) <> 0 OR sum(revenue) <> 0
                OR sum(rewards) <> 0 OR sum(reward_amount) <> 0
            """
        ) { row in
            "day \(Day(number: row[1]).text) of campaign \(row[0] as Int64) is not the sum of its hours"
        }
        let totals: [Int64] = try db.all(
            """
            SELECT campaign_id FROM (
                SELECT campaign_id, referrals, clicks, conversions, revenue, rewards, reward_amount FROM campaign_day
                UNION ALL
                SELECT campaign_id, -referrals, -clicks, -conversions, -revenue, -rewards, -reward_amount
                FROM campaign_total
            ) AS r GROUP BY campaign_id
            HAVING sum(referrals) <> 0 OR sum(clicks) <> 0 OR sum(conversions) <> 0 OR sum(revenue) <> 0
                OR sum(rewards) <> 0 OR sum(reward_amount) <> 0
            """
        ) { row in row[0] }
        return hours + days + totals.map { "the total of campaign \($0) is not the sum of its days" }
    }
}
