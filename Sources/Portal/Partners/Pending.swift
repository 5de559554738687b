import Storage
import Web

// Stands in for what is written beside this; taken out when it has come.
enum CampaignReport {
    static func totals(
        _ campaignIDs: [Int64],
        from: Timestamp? = nil,
        to: Timestamp? = nil,
        _ db: borrowing Database
    ) throws -> CampaignCounts.Step { CampaignCounts.Step() }

    static func daily(
        _ campaignID: Int64,
        days: Int = 30,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> [(day: Day, counts: CampaignCounts.Step)] {
        (now.day.number - days + 1...now.day.number).map { (Day(number: $0), CampaignCounts.Step()) }
    }
}

struct CampaignFigures: Sendable {
    let counts: CampaignCounts.Step
    let currency: Currency
    var clickRate: Double { 0 }
    var conversionRate: Double { 0 }
    var rewardValue: Amount { Amount(Cents(counts.rewardAmount), currency) }
    var averageReward: Amount { Amount(.zero, currency) }
}

struct CampaignDayView: Codable, Sendable {
    let date: Day
    let referrals: Int64

    init(_ day: Day, _ counts: CampaignCounts.Step, _ currency: Currency) {
        (date, referrals) = (day, counts.referrals)
    }
}

struct AppLabel: Codable, Sendable {
    let id: String
    let name: String

    init(_ app: CustomerApp) {
        (id, name) = (app.publicID, app.name)
    }
}
