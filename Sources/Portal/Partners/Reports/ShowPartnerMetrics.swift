import Storage
import Web

/// `GET /api/partner/metrics`: what the last days brought, beside as many days before (contract, section 2).
///
/// Windows end at this very moment and begin a number of whole days before it; calls are counted by days in UTC, of
/// which the last is today.
struct ShowPartnerMetrics: Endpoint {
    struct Input: Codable, Sendable {
        /// Days; 30 unless told.
        let period: Whole<1, 3650>?
    }

    struct Figures: Codable, Sendable {
        let referrals: Int64
        let conversions: Int64
        let revenue: Amount
        let rewardCost: Amount
        let apiCalls: Int64
    }

    /// Percent, to two decimals; from nothing to something is 100.
    struct Changes: Codable, Sendable {
        let referrals: Double
        let conversions: Double
        let revenue: Double
        let apiCalls: Double
    }

    struct Answer: JSONOutput {
        let current: Figures
        let previous: Figures
        let changes: Changes
    }

    /// A window, as it is counted.
    private struct Window {
        let counts: CampaignCounts.Step
        let revenue: Cents
        let calls: Int64

        /// With the calls of the days after the first, up to the last.
        init(
            _ counts: CampaignCounts.Step,
            _ first: Day,
            _ last: Day,
            _ daily: [Day: Int64],
            worth value: Cents
        ) {
            (self.counts, revenue) = (counts, value.times(counts.conversions))
            calls = daily.reduce(0) { $1.key > first && $1.key <= last ? $0 + $1.value : $0 }
        }

        func figures(_ currency: Currency) -> Figures {
            Figures(
                referrals: counts.referrals,
                conversions: counts.conversions,
                revenue: Amount(revenue, currency),
                rewardCost: Amount(Cents(counts.rewardAmount), currency),
                apiCalls: calls
            )
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let (accountID, now) = (try caller.requireHolder().accountID, app.now())
        let days = Int(input.period?.value ?? 30)
        return try app.store.read { db in
            let campaigns = try Campaigns.list(ofAccount: accountID, db)
            let currency = try Accounts.currency(of: accountID, db)
            let first = Day(number: now.day.number - 2 * days + 1)
            let daily = try app.dailyCalls(ofAccount: accountID, since: first, at: now, db)
            let (begin, middle) = (now.adding(days: -2 * days), now.adding(days: -days))
            // Nothing is later than now, so a window without an end is the one that ends with it.
            let latest = try CampaignReport.totals(campaigns, from: middle, db)
            let both = try CampaignReport.totals(campaigns, from: begin, db)
            let value = app.settings.conversionValue
            let current = Window(latest, middle.day, now.day, daily, worth: value)
            let previous = Window(both - latest, begin.day, middle.day, daily, worth: value)
            return Answer(
                current: current.figures(currency),
                previous: previous.figures(currency),
                changes: Changes(
                    referrals: change(from: previous.counts.referrals, to: current.counts.referrals),
                    conversions: change(from: previous.counts.conversions, to: current.counts.conversions),
                    revenue: change(from: previous.revenue.value, to: current.revenue.value),
                    apiCalls: change(from: previous.calls, to: current.calls)
                )
            )
        }
    }

    private static func change(from previous: Int64, to current: Int64) -> Double {
        previous == 0 && current > 0 ? 100 : Percent.of(current - previous, in: previous)
    }
}

extension Cents {
    /// The most that fits where that is too much.
    fileprivate func times(_ factor: Int64) -> Cents {
        let (product, overflows) = value.multipliedReportingOverflow(by: factor)
        return Cents(overflows ? .max : product)
    }
}
