import Storage
import Testing

@testable import Portal

@Suite("Reports on campaigns")
struct CampaignReportTests {
    private static let hour: Int64 = 3_600_000
    /// A Sunday at 00:00.
    private static let begin = Timestamp(day: Day(year: 2026, month: 3, day: 1))

    /// A thousand rows of all kinds within five days, many on the edges of hours and days.
    private static func facts(_ dice: inout SeededDice) -> [(CampaignBooks.Fact, at: Timestamp)] {
        let statuses = ["PENDING", "APPROVED", "PAID", "CANCELLED"]
        let rows: [(CampaignBooks.Fact, at: Timestamp)] = (0..<1000).map { _ in
            var moment = begin.milliseconds + Int64(dice.roll(0...120)) * hour
            if dice.roll(0...3) > 0 {
                moment += Int64(dice.roll(-2...2))
            } else {
                moment += Int64(dice.roll(0...3_599_999))
            }
            let amount = Int64(dice.roll(1...10_000))
            let fact: CampaignBooks.Fact
            switch dice.roll(0...5) {
            case 0: fact = .referral
            case 1, 2: fact = .click
            case 3: fact = .conversion(amount)
            case 4: fact = .conversion(amount, status: dice.pick(["FLAGGED", "REJECTED", "REVERSED"]))
            default: fact = .reward(amount, takenBack: Int64(dice.roll(0...Int(amount))), status: dice.pick(statuses))
            }
            return (fact, Timestamp(milliseconds: moment))
        }
        return [(.referral, at: begin)] + rows
    }

    @Test("count every row of any window once, as a recount does")
    func windows() throws {
        var dice = SeededDice(for: "campaign windows")
        let books = try CampaignBooks(in: "/dev/shm")
        let app = try books.app()
        let (one, other) = (try books.campaign("one", of: app), try books.campaign("other", of: app))
        let facts = Self.facts(&dice)
        try books.add(facts, to: one)
        try books.add([(.referral, at: Self.begin), (.click, at: Self.begin)], to: other)
        for round in 0..<400 {
            func edge() -> Timestamp? {
                switch dice.roll(0...9) {
                case 0: nil
                case 1: facts[dice.roll(0...facts.count - 1)].at
                case 2: Timestamp(milliseconds: facts[dice.roll(0...facts.count - 1)].at.milliseconds + 1)
                case 3...5:
                    Timestamp(milliseconds: Self.begin.milliseconds + Int64(dice.roll(-2...122)) * Self.hour)
                case 6: Self.begin.adding(days: dice.roll(-1...6))
                default: Timestamp(milliseconds: Self.begin.milliseconds + Int64(dice.roll(0...432_000_000)))
                }
            }
            // Every fourth window lies within an hour.
            let from = edge()
            let narrow = from.map { Timestamp(milliseconds: $0.milliseconds + Int64(dice.roll(0...900_000))) }
            let to = round.isMultiple(of: 4) ? narrow : edge()
            var wanted = CampaignCounts.Step()
            for (fact, moment) in facts where moment >= from ?? moment && (to == nil || moment < to ?? moment) {
                wanted += fact.step
            }
            let found = try books.store.read { db in try CampaignReport.totals(one.id, from: from, to: to, db) }
            #expect(found == wanted, "\(from?.text ?? "ever") to \(to?.text ?? "ever")")
        }
        let both = try books.store.read { db in try CampaignReport.totals([one.id, other.id], db) }
        #expect(both.clicks == facts.reduce(1) { $0 + $1.0.step.clicks })
        #expect(try books.store.read { db in try RollupCheck.run(db) } == [])
    }

    @Test("have a row for each day, today last and days without anything too")
    func daily() throws {
        let books = try CampaignBooks()
        let campaign = try books.campaign("one", of: try books.app())
        let today = UnitStore.noon
        try books.add(
            [(.referral, at: today.adding(days: -30)), (.referral, at: today.adding(days: -29))],
            to: campaign
        )
        try books.add([(.click, at: today), (.conversion(250), at: today), (.reward(50), at: today)], to: campaign)
        let days = try books.store.read { db in try CampaignReport.daily(campaign.id, at: today, db) }
        #expect(days.count == 30 && days.map(\.day) == days.map(\.day).sorted())
        #expect(days.first?.day.text == "2026-02-14" && days.first?.counts == .init(referrals: 1))
        #expect(
            days.last?.counts == .init(clicks: 1, conversions: 1, revenue: 250, rewards: 1, rewardAmount: 50)
        )
        #expect(days.filter { $0.counts == .init() }.count == 28)
    }

    @Test("take back what is taken back, where it was counted")
    func takingBack() throws {
        let books = try CampaignBooks()
        let campaign = try books.campaign("one", of: try books.app())
        try books.add([(.referral, at: UnitStore.noon), (.conversion(900), at: UnitStore.noon)], to: campaign)
        try books.store.writeBlocking { db in
            try db.run("UPDATE conversion SET status = 'REVERSED'")
            let step = CampaignCounts.Step(conversions: -1, revenue: -900)
            try CampaignCounts.add(step, to: campaign.id, at: UnitStore.noon, db)
        }
        #expect(try books.store.read { db in try CampaignReport.totals(campaign.id, db) } == .init(referrals: 1))
        #expect(try books.store.read { db in try RollupCheck.run(db) } == [])
    }

    static let damages: [(StaticString, finding: String)] = [
        ("UPDATE campaign_hour SET referrals = referrals + 1", "not what its rows say"),
        ("UPDATE campaign_hour SET clicks = clicks + 1", "not what its rows say"),
        ("UPDATE campaign_hour SET conversions = conversions + 1", "not what its rows say"),
        ("UPDATE campaign_hour SET revenue = revenue + 1", "not what its rows say"),
        ("UPDATE campaign_hour SET rewards = rewards + 1", "not what its rows say"),
        ("UPDATE campaign_hour SET reward_amount = reward_amount - 1", "not what its rows say"),
        ("UPDATE campaign_hour SET hour = hour + 24", "not what its rows say"),
        ("DELETE FROM campaign_hour", "not the sum of its hours"),
        ("UPDATE campaign_day SET referrals = referrals + 1", "not the sum of its hours"),
        ("UPDATE campaign_day SET clicks = clicks + 1", "not the sum of its hours"),
        ("UPDATE campaign_day SET conversions = conversions + 1", "not the sum of its hours"),
        ("UPDATE campaign_day SET revenue = revenue + 1", "not the sum of its hours"),
        ("UPDATE campaign_day SET rewards = rewards + 1", "not the sum of its hours"),
        ("UPDATE campaign_day SET reward_amount = reward_amount - 1", "not the sum of its hours"),
        ("DELETE FROM campaign_day", "not the sum of its hours"),
        ("UPDATE campaign_total SET referrals = referrals + 1", "not the sum of its days"),
        ("UPDATE campaign_total SET clicks = clicks + 1", "not the sum of its days"),
        ("UPDATE campaign_total SET conversions = conversions + 1", "not the sum of its days"),
        ("UPDATE campaign_total SET revenue = revenue + 1", "not the sum of its days"),
        ("UPDATE campaign_total SET rewards = rewards + 1", "not the sum of its days"),
        ("UPDATE campaign_total SET reward_amount = reward_amount - 1", "not the sum of its days"),
        ("DELETE FROM campaign_total", "not the sum of its days"),
        ("UPDATE referral SET deleted_at = 1", "not what its rows say"),
        ("DELETE FROM referral_click", "not what its rows say"),
        ("UPDATE conversion SET status = 'REVERSED' WHERE status = 'CONVERTED'", "not what its rows say"),
        ("UPDATE conversion SET amount = amount + 1 WHERE status = 'CONVERTED'", "not what its rows say"),
        ("UPDATE reward SET status = 'CANCELLED'", "not what its rows say"),
        ("UPDATE reward SET taken_back = 1", "not what its rows say"),
    ]

    @Test("are checked against the rows", arguments: damages.indices)
    func check(index: Int) throws {
        let books = try CampaignBooks()
        let campaign = try books.campaign("one", of: try books.app())
        let noon = UnitStore.noon
        let facts: [CampaignBooks.Fact] = [.referral, .click, .conversion(900), .reward(45)]
        try books.add(facts.map { ($0, at: noon) }, to: campaign)
        #expect(try books.store.read { db in try RollupCheck.run(db) } == [])
        let (damage, finding) = Self.damages[index]
        try books.store.writeBlocking { db in _ = try db.run(damage) }
        let findings = try books.store.read { db in try RollupCheck.run(db) }
        #expect(findings.contains { $0.contains(finding) }, "\(damage): \(findings)")
    }
}
