import Storage

/// What campaigns brought in all, or in any window of time, exact to the millisecond: whole days and the whole hours
/// beside them from their counts, the rest of an hour at either end row by row.
enum CampaignReport {
    /// Each row by its own time.
    /// - Parameters:
    ///   - from: nil: since the first.
    ///   - to: no longer part of it; nil: to the last.
    static func totals(
        _ campaignIDs: [Int64],
        from: Timestamp? = nil,
        to: Timestamp? = nil,
        _ db: borrowing Database
    ) throws -> CampaignCounts.Step {
        var sum = CampaignCounts.Step()
        for id in campaignIDs { sum += try totals(id, from: from, to: to, db) }
        return sum
    }

    /// The same of campaigns together; what those brought in points is no money and left out of the rewards' amount.
    static func totals(
        _ campaigns: [Campaign],
        from: Timestamp? = nil,
        to: Timestamp? = nil,
        _ db: borrowing Database
    ) throws -> CampaignCounts.Step {
        try campaigns.reduce(into: CampaignCounts.Step()) { sum, campaign in
            sum += try totals(campaign.id, from: from, to: to, db).asMoney(of: campaign)
        }
    }

    static func totals(
        _ campaignID: Int64,
        from: Timestamp? = nil,
        to: Timestamp? = nil,
        _ db: borrowing Database
    ) throws -> CampaignCounts.Step {
        if from == nil, to == nil { return try CampaignCounts.total(of: campaignID, db) }
        let (begin, end) = (max(0, from?.milliseconds ?? 0), to?.milliseconds ?? farAway)
        guard begin < end else { return CampaignCounts.Step() }
        let (first, last) = ((begin + hour - 1) / hour, end / hour)
        guard first <= last else { return try CampaignEdges.sum(of: campaignID, begin..<end, db) }
        var sum = try totals(campaignID, hours: first..<last, db)
        if begin < first * hour { sum += try CampaignEdges.sum(of: campaignID, begin..<first * hour, db) }
        if last * hour < end { sum += try CampaignEdges.sum(of: campaignID, last * hour..<end, db) }
        return sum
    }

    private static let hour: Int64 = 3_600_000
    /// The first of the days that nobody may name, so the end of a day.
    private static let farAway = Timestamp(day: Day(number: Day.range.upperBound.number + 1)).milliseconds

    private static func totals(
        _ campaignID: Int64,
        hours: Range<Int64>,
        _ db: borrowing Database
    ) throws -> CampaignCounts.Step {
        let (first, last) = ((hours.lowerBound + 23) / 24, hours.upperBound / 24)
        var sum = CampaignCounts.Step()
        guard first < last else {
            if !hours.isEmpty { sum = try CampaignCounts.sum(of: campaignID, hours: hours, db) }
            return sum
        }
        sum = try CampaignCounts.sum(of: campaignID, days: first..<last, db)
        for edge in [hours.lowerBound..<first * 24, last * 24..<hours.upperBound] where !edge.isEmpty {
            sum += try CampaignCounts.sum(of: campaignID, hours: edge, db)
        }
        return sum
    }

    /// A campaign's last days, oldest first, those without any included; today is the last.
    static func daily(
        _ campaignID: Int64,
        days: Int = 30,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> [(day: Day, counts: CampaignCounts.Step)] {
        let first = Day(number: now.day.number - days + 1)
        let found = try CampaignCounts.daily(of: campaignID, first...now.day, db)
        return (first.number...now.day.number).map { number in
            let day = Day(number: number)
            return (day, found[day] ?? CampaignCounts.Step())
        }
    }
}
