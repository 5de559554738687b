import Storage

/// What campaigns brought, in all, by day and by hour: what every report reads, so that it costs the same whatever
/// there is to count. Every statement on `campaign_total`, `campaign_day` and `campaign_hour` is in this file.
enum CampaignCounts {
    /// What one row adds, or the sum of several; what is taken back again is negative, at the time of the row that it
    /// is about.
    struct Step: Sendable, Equatable {
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
        try addToTotal(step, campaignID, db)
        try addToDay(step, campaignID, moment.day.number, db)
        try addToHour(step, campaignID, moment.milliseconds / 3_600_000, db)
    }

    private static func addToTotal(_ step: Step, _ campaignID: Int64, _ db: borrowing Database) throws {
        try db.run(
            """
            INSERT INTO campaign_total
                (campaign_id, referrals, clicks, conversions, revenue, rewards, reward_amount)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (campaign_id) DO UPDATE SET referrals = campaign_total.referrals + excluded.referrals,
                clicks = campaign_total.clicks + excluded.clicks,
                conversions = campaign_total.conversions + excluded.conversions,
                revenue = campaign_total.revenue + excluded.revenue,
                rewards = campaign_total.rewards + excluded.rewards,
                reward_amount = campaign_total.reward_amount + excluded.reward_amount
            """,
            campaignID,
            step.referrals,
            step.clicks,
            step.conversions,
            step.revenue,
            step.rewards,
            step.rewardAmount
        )
    }

    private static func addToDay(_ step: Step, _ campaignID: Int64, _ day: Int, _ db: borrowing Database) throws {
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
            day,
            step.referrals,
            step.clicks,
            step.conversions,
            step.revenue,
            step.rewards,
            step.rewardAmount
        )
    }

    private static func addToHour(_ step: Step, _ campaignID: Int64, _ hour: Int64, _ db: borrowing Database) throws {
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
            hour,
            step.referrals,
            step.clicks,
            step.conversions,
            step.revenue,
            step.rewards,
            step.rewardAmount
        )
    }

    /// Since the campaign began.
    static func total(of campaignID: Int64, _ db: borrowing Database) throws -> Step {
        try db.first(
            """
            SELECT referrals, clicks, conversions, revenue, rewards, reward_amount
            FROM campaign_total WHERE campaign_id = ?
            """,
            campaignID
        ) { row in Step(row, from: 0) } ?? Step()
    }

    static func sum(of campaignID: Int64, days: Range<Int64>, _ db: borrowing Database) throws -> Step {
        try db.first(
            """
            SELECT coalesce(sum(referrals), 0), coalesce(sum(clicks), 0), coalesce(sum(conversions), 0),
                coalesce(sum(revenue), 0), coalesce(sum(rewards), 0), coalesce(sum(reward_amount), 0)
            FROM campaign_day WHERE campaign_id = ? AND day >= ? AND day < ?
            """,
            campaignID,
            days.lowerBound,
            days.upperBound
        ) { row in Step(row, from: 0) } ?? Step()
    }

    /// - Parameter hours: since 1970.
    static func sum(of campaignID: Int64, hours: Range<Int64>, _ db: borrowing Database) throws -> Step {
        try db.first(
            """
            SELECT coalesce(sum(referrals), 0), coalesce(sum(clicks), 0), coalesce(sum(conversions), 0),
                coalesce(sum(revenue), 0), coalesce(sum(rewards), 0), coalesce(sum(reward_amount), 0)
            FROM campaign_hour WHERE campaign_id = ? AND hour >= ? AND hour < ?
            """,
            campaignID,
            hours.lowerBound,
            hours.upperBound
        ) { row in Step(row, from: 0) } ?? Step()
    }

    /// By day, days without any left out.
    static func daily(
        of campaignID: Int64,
        _ days: ClosedRange<Day>,
        _ db: borrowing Database
    ) throws -> [Day: Step] {
        var steps: [Day: Step] = [:]
        try db.each(
            """
            SELECT day, referrals, clicks, conversions, revenue, rewards, reward_amount
            FROM campaign_day WHERE campaign_id = ? AND day BETWEEN ? AND ?
            """,
            campaignID,
            days.lowerBound.number,
            days.upperBound.number
        ) { row in
            steps[Day(number: row[0])] = Step(row, from: 1)
            return true
        }
        return steps
    }
}

extension CampaignCounts.Step {
    /// Six columns in the order of the tables.
    init(_ row: borrowing Row, from first: Int) {
        (referrals, clicks, conversions) = (row[first], row[first + 1], row[first + 2])
        (revenue, rewards, rewardAmount) = (row[first + 3], row[first + 4], row[first + 5])
    }

    static func - (left: Self, right: Self) -> Self {
        Self(
            referrals: left.referrals - right.referrals,
            clicks: left.clicks - right.clicks,
            conversions: left.conversions - right.conversions,
            revenue: left.revenue - right.revenue,
            rewards: left.rewards - right.rewards,
            rewardAmount: left.rewardAmount - right.rewardAmount
        )
    }

    static func += (sum: inout Self, step: Self) {
        sum.referrals += step.referrals
        sum.clicks += step.clicks
        sum.conversions += step.conversions
        // What clients say something was worth adds up here: past all that can be written it stays there.
        sum.revenue = sum.revenue.addingSaturated(step.revenue)
        sum.rewards += step.rewards
        sum.rewardAmount = sum.rewardAmount.addingSaturated(step.rewardAmount)
    }
}

extension Int64 {
    fileprivate func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, overflows) = addingReportingOverflow(other)
        return overflows ? (other < 0 ? .min : .max) : sum
    }
}
