import Storage

/// The partner program of the demo's busy account: two apps, campaigns of every kind that rewards, and two months of
/// codes, clicks and conversions, one of which looks like fraud. Made as the app API makes them, at past times.
struct DemoCampaigns {
    static let days = 60

    let accountID: Int64
    let now: Timestamp
    /// For how long rewards are held back.
    let holdDays: Int
    private var dice = Dice(state: 0xCA4D)
    private var codes: [(campaign: Campaign, code: String, referrer: String)] = []

    init(accountID: Int64, now: Timestamp, holdDays: Int) {
        (self.accountID, self.now, self.holdDays) = (accountID, now, holdDays)
    }

    mutating func write(_ db: borrowing Database) throws {
        let begun = now.adding(days: -Self.days - 1)
        let lab = try app("Helix Lab", id: "app_demoHelixLab", at: begun, db)
        let pocket = try app("Helix Pocket", id: "app_demoHelixPocket", at: begun, db)
        let campaigns = [
            try campaign("Bring a colleague", "cmp_demoColleague", of: lab, at: begun, db) { terms in
                (terms.rewardMicros, terms.codePrefix, terms.codeFormat) = (25_000_000, "LAB-", .username)
            },
            try campaign("Two for two", "cmp_demoTwo", of: lab, at: begun, db) { terms in
                (terms.referralType, terms.rewardModel) = (.twoSided, .percentage)
                (terms.rewardMicros, terms.rewardCap, terms.payoutType) = (10_000_000, 4_000, .storeCredit)
            },
            try campaign("Pocket points", "cmp_demoPoints", of: pocket, at: begun, db) { terms in
                (terms.rewardMicros, terms.payoutType) = (100_000_000, .points)
            },
        ]
        for day in (0..<Self.days).reversed() {
            // The last day is still going on.
            let morning = now.adding(days: -day).adding(seconds: -36_000)
            for campaign in campaigns where dice.roll(0...2) > 0 {
                try refer(campaign, at: morning.adding(seconds: dice.roll(0...7_200)), db)
            }
            for _ in 0..<dice.roll(2...9) where !codes.isEmpty {
                try follow(at: morning.adding(seconds: dice.roll(7_300...28_000)), db)
            }
        }
        // As they would be by now, so that nothing changes by itself while somebody looks.
        while try Rewards.hasDue(at: now, db) { try RewardClock.turn(at: now, db) }
    }

    private func app(
        _ name: String,
        id publicID: String,
        at moment: Timestamp,
        _ db: borrowing Database
    ) throws -> CustomerApp {
        let terms = CustomerApp.Terms(name: name, website: "https://helix.example")
        _ = try Apps.insert(terms, publicID: publicID, accountID: accountID, at: moment, db)
        return try Apps.require(publicID, of: accountID, db)
    }

    private func campaign(
        _ name: String,
        _ publicID: String,
        of app: CustomerApp,
        at moment: Timestamp,
        _ db: borrowing Database,
        _ change: (inout Campaign.Terms) -> Void
    ) throws -> Campaign {
        var terms = Campaign.Terms(name: name, landingURL: "https://helix.example/welcome")
        change(&terms)
        let id = try Campaigns.insert(
            terms,
            publicID: publicID,
            accountID: accountID,
            appID: app.id,
            at: moment,
            db
        )
        guard let campaign = try Campaigns.find(id: id, db) else { throw StoreError.corrupt("no campaign \(id)") }
        return campaign
    }

    private mutating func refer(_ campaign: Campaign, at moment: Timestamp, _ db: borrowing Database) throws {
        guard let app = try Apps.find(id: campaign.appID, db) else { return }
        let names = ["amira", "bela", "chen", "dora", "emeka", "farah", "goran", "hana", "ivo", "jun"]
        let referrer = names[Int(dice.roll(0...9))]
        let visitor = Visitor(address: "198.51.100.\(dice.roll(1...250))", userAgent: "demo")
        // The first of the last week's codes is for its own maker.
        let isOwn = moment > now.adding(days: -7) && !codes.contains { $0.referrer == "kai" }
        let name = isOwn ? "kai" : referrer
        let score = Fraud.CodeScore(
            appID: app.id,
            referrerID: name,
            refereeID: isOwn ? name : nil,
            names: [name],
            visitor: visitor,
            rules: Fraud.Rules(app.fraudRules),
            now: moment
        )
        let new = Referrals.New(
            campaign: campaign,
            code: try ReferralCode.make(for: campaign, referrer: name, username: name, email: nil, db),
            referrerID: name,
            refereeID: isOwn ? name : nil,
            username: name,
            email: nil,
            visitor: visitor,
            findings: try score.find(db),
            createdAt: moment
        )
        codes.append((campaign, try new.make(app: app.publicID, db).code, name))
    }

    /// A click on one of the newer codes, and now and then a conversion some minutes later.
    private mutating func follow(at moment: Timestamp, _ db: borrowing Database) throws {
        let last = Int64(codes.count - 1)
        let chosen = codes[Int(dice.roll(max(0, last - 12)...last))]
        let visitor = Visitor(address: "203.0.113.\(dice.roll(1...250))", userAgent: "demo")
        let referral = try Referrals.require(code: chosen.code, app: chosen.campaign.appID, db)
        let friend = "friend-\(codes.count)-\(dice.roll(1...1_000_000))"
        _ = try ReferralClicks.record(referral, refereeID: friend, by: visitor, at: moment, db)
        guard dice.roll(0...3) == 0 else { return }
        let converting = Converting(
            code: chosen.code,
            refereeID: friend,
            amount: ConversionAmount(Cents(dice.roll(2_000...30_000)).dollars),
            metadata: nil,
            visitor: visitor,
            appID: chosen.campaign.appID,
            holdDays: holdDays,
            now: moment.adding(seconds: dice.roll(120...3_600))
        )
        _ = try converting.record(db)
    }
}
