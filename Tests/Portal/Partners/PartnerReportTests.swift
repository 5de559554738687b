import Storage
import Testing
import Web

@testable import Portal

@Suite("The partner program's pages")
struct PartnerReportTests {
    private let noon = UnitStore.noon

    private func caller(of books: CampaignBooks) -> Caller {
        let holder = Caller.Holder(
            accountID: books.owner.account,
            userID: books.owner.person,
            isOperator: false,
            profile: .init(name: "", email: "", stripeCustomerID: nil, createdAt: noon, isVerified: true),
            role: .owner
        )
        return Caller(kind: .session(holder, sessionID: 1), address: "192.0.2.1", requestID: "r")
    }

    /// Calls of an app's key, counted as they are let in.
    private func call(_ times: Int64, _ app: App, _ books: CampaignBooks, of shop: CustomerApp?) throws {
        let grant = Caller.KeyGrant(id: books.owner.key, countsAs: books.owner.key, appID: shop?.id)
        let limits = CallLimits(plan: nil, overageMicros: nil, app: nil)
        _ = try books.store.read { db in
            try app.calls.take(
                times,
                of: grant,
                accountID: books.owner.account,
                within: limits,
                at: noon,
                in: noon.month,
                db
            )
        }
    }

    @Test(
        "warn of usage in the contract's steps",
        arguments: [
            (79_999, []), (80_000, ["api-usage-high"]), (89_999, ["api-usage-high"]),
            (90_000, ["api-usage-critical"]), (100_000, ["api-usage-critical"]),
            (100_001, ["api-usage-critical", "api-overage"]), (119_999, ["api-usage-critical", "api-overage"]),
            (120_000, ["api-usage-critical", "api-overage", "app-suspended"]),
        ] as [(Int64, [String])]
    )
    func alerts(calls: Int64, wanted: [String]) async throws {
        let books = try CampaignBooks()
        let shop = try books.app()
        let app = try books.unit.app()
        try call(calls, app, books, of: shop)
        let page = try await ShowPartnerDashboard.handle(
            .init(appId: nil, startDate: nil, endDate: nil),
            by: caller(of: books),
            in: app
        )
        #expect(page.alerts.map(\.id) == wanted)
        #expect(page.apiUsage.current == calls && page.apiUsage.limit == 100_000)
    }

    @Test("warn of an app that an operator suspended")
    func suspended() async throws {
        let books = try CampaignBooks()
        let (shop, other) = (try books.app(), try books.app("Other"))
        try books.store.writeBlocking { db in try Apps.setStatus(.suspended, of: shop.id, at: UnitStore.noon, db) }
        let app = try books.unit.app()
        for (asked, wanted) in [(nil, ["app-suspended"]), (shop, ["app-suspended"]), (other, [])] {
            let input = ShowPartnerDashboard.Input(
                appId: asked.flatMap { AppParameter($0.publicID) },
                startDate: nil,
                endDate: nil
            )
            let page = try await ShowPartnerDashboard.handle(input, by: caller(of: books), in: app)
            #expect(page.alerts.map(\.id) == wanted)
        }
    }

    @Test(
        "estimate the month's cost by the plan and what is beyond it",
        arguments: [
            ("partner_free", 12_000, 2_000, "0.00"), ("partner_growth", 99_999, 0, "49.00"),
            ("partner_growth", 110_001, 10_001, "54.0005"), ("partner_pro", 600_000, 100_000, "239.00"),
            ("enterprise", 5_000, 0, "0.00"),
        ] as [(String, Int64, Int64, String)]
    )
    func cost(plan: String, calls: Int64, overage: Int64, cost: String) async throws {
        let books = try CampaignBooks(plan: plan)
        let app = try books.unit.app()
        try call(calls, app, books, of: nil)
        let page = try await ShowPartnerUsage.handle(.init(appId: nil), by: caller(of: books), in: app)
        #expect(page.apiUsage.overage == overage && page.apiUsage.estimatedCost.text == cost)
        #expect(page.apiUsage.current == calls && page.apiUsage.dailyUsage.last?.calls == calls)
        #expect(page.apiUsage.dailyUsage.count == 30 && page.apiUsage.dailyUsage.last?.date == "Mar 15")
        #expect(
            page.endpointBreakdown.byCategory.map(\.category) == [
                "Referrals API", "Analytics API", "Webhooks", "Other",
            ]
        )
    }

    @Test("show an app its own calls and its own limit")
    func ownLimit() async throws {
        let books = try CampaignBooks()
        let (shop, other) = (try books.app(limit: 200), try books.app("Other"))
        let app = try books.unit.app()
        try books.store.writeBlocking { [key = books.owner.key] db in
            try db.run("UPDATE api_key SET app_id = ? WHERE id = ?", shop.id, key)
        }
        try call(50, app, books, of: shop)
        let input = ShowPartnerAnalytics.Input(appId: nil, campaignId: nil)
        guard case .apps(let apps) = try await ShowPartnerAnalytics.handle(input, by: caller(of: books), in: app) else {
            throw Missing()
        }
        let found = Dictionary(uniqueKeysWithValues: apps.map { ($0.appName, $0.apiUsage) })
        #expect(found[shop.name]?.current == 50 && found[shop.name]?.limit == 200)
        #expect(found[shop.name]?.percentage == 25)
        #expect(found[other.name]?.current == 0 && found[other.name]?.limit == 100_000)
    }

    @Test("tell apps of one name apart in the chart, and from the row's own members")
    func chart() async throws {
        let books = try CampaignBooks()
        _ = try books.app("date")
        let app = try books.unit.app()
        let input = ShowPartnerDashboard.Input(appId: nil, startDate: PeriodEdge("2026-01-01"), endDate: nil)
        let page = try await ShowPartnerDashboard.handle(input, by: caller(of: books), in: app)
        let text = String(decoding: try JSONEncoding.bytes(of: page.apiUsageChart), as: UTF8.self)
        #expect(text.hasPrefix(#"{"data":[{"name":"Jan 1","date":"2026-01-01","date (app_date)":0},"#))
        #expect(text.hasSuffix(#""apps":[{"id":"app_date","name":"date (app_date)"}]}"#))
        #expect(page.apiUsageChart.data.count == 74)
    }

    @Test(
        "draw 7 to 90 days, up to now or the end that was asked for",
        arguments: [
            (nil, nil, 7, "2026-03-15", "Sun"), ("2026-03-14", nil, 7, "2026-03-15", "Sun"),
            ("2026-02-14", nil, 30, "2026-03-15", "Sun"), ("2026-02-13", nil, 31, "2026-03-15", "Mar 15"),
            ("2025-03-14", nil, 90, "2026-03-15", "Mar 15"), (nil, "2026-01-07T23:59:59.999Z", 7, "2026-01-07", "Wed"),
            ("2026-01-01", "2026-01-10", 10, "2026-01-10", "Sat"),
        ] as [(String?, String?, Int, String, String)]
    )
    func days(from: String?, to: String?, count: Int, last: String, name: String) async throws {
        let books = try CampaignBooks()
        let app = try books.unit.app()
        let input = ShowPartnerDashboard.Input(
            appId: nil,
            startDate: from.flatMap { PeriodEdge($0) },
            endDate: to.flatMap { PeriodEdge($0) }
        )
        let page = try await ShowPartnerDashboard.handle(input, by: caller(of: books), in: app)
        let rows = page.apiUsageChart.data
        #expect(rows.count == count && rows.last?.date == last && rows.last?.name == name)
    }

    @Test("set a window beside the one before, to the millisecond")
    func metrics() async throws {
        let books = try CampaignBooks()
        let campaign = try books.campaign("one", of: try books.app())
        let (begin, middle) = (noon.adding(days: -60), noon.adding(days: -30))
        func before(_ moment: Timestamp) -> Timestamp { Timestamp(milliseconds: moment.milliseconds - 1) }
        try books.add(
            [(.referral, at: before(begin)), (.referral, at: begin), (.conversion(1), at: before(middle))],
            to: campaign
        )
        try books.add(
            [(.referral, at: middle), (.conversion(1), at: middle), (.conversion(1), at: noon)],
            to: campaign
        )
        try books.add([(.reward(1234), at: noon), (.referral, at: noon)], to: campaign)
        let app = try books.unit.app(["CONVERSION_VALUE": "12.50"])
        try call(7, app, books, of: nil)
        let page = try await ShowPartnerMetrics.handle(.init(period: nil), by: caller(of: books), in: app)
        #expect(page.current.referrals == 2 && page.previous.referrals == 1 && page.changes.referrals == 100)
        #expect(page.current.conversions == 2 && page.previous.conversions == 1)
        #expect(page.current.revenue.text == "25.00" && page.previous.revenue.text == "12.50")
        #expect(page.changes.revenue == 100 && page.current.rewardCost.text == "12.34")
        #expect(page.current.apiCalls == 7 && page.previous.apiCalls == 0 && page.changes.apiCalls == 100)
        let day = try await ShowPartnerMetrics.handle(.init(period: Whole(1)), by: caller(of: books), in: app)
        #expect(day.current.referrals == 1 && day.previous.referrals == 0 && day.changes.conversions == 100)
        #expect(day.previous.rewardCost.text == "0.00")
    }

    @Test("round rates and averages by the contract")
    func rounding() {
        let counts = CampaignCounts.Step(referrals: 3, clicks: 7, conversions: 2, rewards: 3, rewardAmount: 1001)
        let figures = CampaignFigures(counts: counts, currency: .usd)
        #expect(figures.clickRate == 233.33 && figures.conversionRate == 28.57)
        #expect(figures.rewardValue.text == "10.01" && figures.averageReward.text == "3.34")
        let none = CampaignFigures(counts: .init(), currency: .usd)
        #expect(none.clickRate == 0 && none.conversionRate == 0 && none.averageReward.text == "0.00")
    }

    @Test("list the campaigns that run now, newest first and five at most")
    func active() async throws {
        let books = try CampaignBooks()
        let shop = try books.app()
        for number in 1...7 { _ = try books.campaign("\(number)", of: shop) }
        var terms = Campaign.Terms(name: "over")
        terms.endsAt = noon
        _ = try books.campaign("over", of: shop, terms)
        terms = Campaign.Terms(name: "begun")
        (terms.status, terms.startsAt) = (.scheduled, noon.adding(days: -1))
        let begun = try books.campaign("begun", of: shop, terms)
        try books.add([(.referral, at: noon), (.reward(450), at: noon)], to: begun)
        let app = try books.unit.app()
        let page = try await ListActiveCampaigns.handle(.init(appId: nil), by: caller(of: books), in: app)
        #expect(page.campaigns.map(\.name) == ["begun", "7", "6", "5", "4"])
        let first = try #require(page.campaigns.first)
        #expect(first.totalReferrals == 1 && first.totalRewardCost.text == "4.50" && first.app.id == shop.publicID)
    }

    @Test("show points as points, and leave them out of money")
    func points() async throws {
        let books = try CampaignBooks()
        let shop = try books.app()
        var terms = Campaign.Terms(name: "points")
        terms.payoutType = .points
        let (points, cash) = (try books.campaign("points", of: shop, terms), try books.campaign("cash", of: shop))
        try books.add([(.referral, at: noon), (.reward(12_300), at: noon)], to: points)
        try books.add([(.referral, at: noon), (.reward(500), at: noon)], to: cash)
        let app = try books.unit.app()
        let input = ShowPartnerAnalytics.Input(appId: AppParameter(shop.publicID), campaignId: nil)
        guard case .app(let page) = try await ShowPartnerAnalytics.handle(input, by: caller(of: books), in: app) else {
            throw Missing()
        }
        let values = Dictionary(
            uniqueKeysWithValues: page.campaigns.map { ($0.campaignName, $0.totalRewardValue.text) }
        )
        #expect(values == ["points": "123.00", "cash": "5.00"])
        #expect(page.appTotals.totalRewardValue.text == "5.00" && page.appTotals.totalReferrals == 2)
        let metrics = try await ShowPartnerMetrics.handle(.init(period: nil), by: caller(of: books), in: app)
        #expect(metrics.current.rewardCost.text == "5.00" && metrics.current.referrals == 2)
    }

    @Test("find only what is the account's own")
    func scopes() async throws {
        let books = try CampaignBooks()
        let (shop, other) = (try books.app(), try books.app("Other"))
        _ = try books.campaign("one", of: shop)
        let app = try books.unit.app()
        let asker = caller(of: books)
        func ask(_ appID: String?, _ campaignID: String?) async -> Int? {
            let input = ShowPartnerAnalytics.Input(
                appId: appID.flatMap { AppParameter($0) },
                campaignId: campaignID.flatMap { AppParameter($0) }
            )
            do {
                _ = try await ShowPartnerAnalytics.handle(input, by: asker, in: app)
                return nil
            } catch { return (error as? Failure)?.status }
        }
        for (appID, campaignID) in [(shop.publicID, "cmp_one"), ("", "cmp_one"), ("", ""), (nil, nil)] {
            let refusal = await ask(appID, campaignID)
            #expect(refusal == nil)
        }
        for (appID, campaignID) in [("app_none", nil), (other.publicID, "cmp_one"), (nil, "cmp_none")] {
            let refusal = await ask(appID, campaignID)
            #expect(refusal == 404)
        }
    }

    @Test(
        "take a day, a moment, and nothing else for the end of a period",
        arguments: [
            ("2026-03-15", "2026-03-15T00:00:00Z", "2026-03-16T00:00:00Z"),
            ("2026-03-15T10:00:00Z", "2026-03-15T10:00:00Z", "2026-03-15T10:00:00.001Z"),
            ("2026-03-15T10:00:00.5+02:00", "2026-03-15T08:00:00.500Z", "2026-03-15T08:00:00.501Z"),
        ]
    )
    func edges(text: String, begin: String, end: String) throws {
        let edge = try #require(PeriodEdge(text))
        #expect(edge.begin.text == begin && edge.end.text == end)
        #expect(PeriodEdge("\(text)x") == nil)
    }

    @Test("understand which answers are asked for")
    func statuses() {
        #expect(StatusFilter("")?.range == 100...599 && StatusFilter("ALL")?.range == 100...599)
        #expect(StatusFilter("404")?.range == 404...404 && StatusFilter("4xx")?.range == 400...499)
        #expect(StatusFilter("success")?.range == 100...399 && StatusFilter("error")?.range == 400...599)
        for text in ["99", "600", "6xx", "xx", "0xx", "-200", "20", "ok"] { #expect(StatusFilter(text) == nil) }
    }
}
