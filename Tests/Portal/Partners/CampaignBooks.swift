import Storage

@testable import Portal

/// A store with an account of the partner program, its apps and campaigns, and rows in them as the app API leaves them.
final class CampaignBooks: Sendable {
    let unit: UnitStore
    let owner: UnitStore.Identities

    init(plan: String = "partner_growth", in root: String = "/var/tmp") throws {
        unit = try UnitStore(in: root)
        owner = try unit.account("partner", plan: plan)
    }

    var store: Store { unit.store }

    func app(_ name: String = "Shop", limit: Int64? = nil) throws -> CustomerApp {
        let account = owner.account
        return try store.writeBlocking { db in
            let publicID = "app_\(name)"
            var terms = CustomerApp.Terms(name: name)
            terms.monthlyLimit = limit
            let id = try Apps.insert(terms, publicID: publicID, accountID: account, at: UnitStore.noon, db)
            return try require(try Apps.find(id: id, db))
        }
    }

    func campaign(_ name: String, of app: CustomerApp, _ terms: Campaign.Terms? = nil) throws -> Campaign {
        try store.writeBlocking { db in
            let id = try Campaigns.insert(
                terms ?? Campaign.Terms(name: name),
                publicID: "cmp_\(name)",
                accountID: app.accountID,
                appID: app.id,
                at: UnitStore.noon,
                db
            )
            return try require(try Campaigns.find(id: id, db))
        }
    }

    /// What one row of the app API's tables is, and what it counts as.
    enum Fact: Sendable {
        case referral
        case click
        /// In cents.
        case conversion(Int64, status: String = "CONVERTED")
        case reward(Int64, takenBack: Int64 = 0, status: String = "PENDING")

        var step: CampaignCounts.Step {
            switch self {
            case .referral: .init(referrals: 1)
            case .click: .init(clicks: 1)
            case .conversion(let amount, let status):
                status == "CONVERTED" ? .init(conversions: 1, revenue: amount) : .init()
            case .reward(let amount, let takenBack, let status):
                status == "CANCELLED" ? .init() : .init(rewards: 1, rewardAmount: amount - takenBack)
            }
        }
    }

    /// Rows in one transaction, counted as the owners of the tables do. A campaign's first fact must be a referral.
    func add(_ facts: [(Fact, at: Timestamp)], to campaign: Campaign) throws {
        try store.writeBlocking { db in
            for (fact, moment) in facts {
                try Self.insert(fact, at: moment, campaign, db)
                if fact.step != .init() { try CampaignCounts.add(fact.step, to: campaign.id, at: moment, db) }
            }
        }
    }

    private static func insert(
        _ fact: Fact,
        at moment: Timestamp,
        _ campaign: Campaign,
        _ db: borrowing Database
    ) throws {
        let (account, app, id, time) = (campaign.accountID, campaign.appID, campaign.id, moment.milliseconds)
        let referral: Int64? = try db.value("SELECT max(id) FROM referral WHERE campaign_id = ?", id)
        switch fact {
        case .referral:
            let number: Int64 = try db.value("SELECT coalesce(max(id), 0) + 1 FROM referral") ?? 1
            try db.run(
                """
                INSERT INTO referral (public_id, account_id, app_id, campaign_id, code, referrer_id, address, status,
                    created_at) VALUES (?, ?, ?, ?, ?, 'ruth', '192.0.2.1', 'PENDING', ?)
                """,
                "ref_\(number)",
                account,
                app,
                id,
                "CODE\(number)",
                time
            )
        case .click:
            try db.run(
                """
                INSERT INTO referral_click (public_id, referral_id, campaign_id, address, clicked_at)
                VALUES ('clk_' || hex(randomblob(12)), ?, ?, '192.0.2.1', ?)
                """,
                try require(referral),
                id,
                time
            )
        case .conversion(let amount, let status):
            try db.run(
                """
                INSERT INTO conversion (public_id, account_id, app_id, campaign_id, referral_id, referrer_id, referee_id,
                    amount, currency, address, status, converted_at)
                VALUES ('cnv_' || hex(randomblob(12)), ?, ?, ?, ?, 'ruth', hex(randomblob(12)), ?, 'usd', '192.0.2.1', ?,
                    ?)
                """,
                account,
                app,
                id,
                try require(referral),
                amount,
                status,
                time
            )
        case .reward(let amount, let takenBack, let status):
            try insert(.conversion(0, status: "FLAGGED"), at: moment, campaign, db)
            try db.run(
                """
                INSERT INTO reward (public_id, account_id, app_id, campaign_id, referral_id, conversion_id, user_id,
                    level, amount, taken_back, currency, payout_type, status, held_until, created_at)
                VALUES ('rwd_' || hex(randomblob(12)), ?, ?, ?, ?, ?, 'ruth', 1, ?, ?, 'usd', 'CASH', ?, ?, ?)
                """,
                account,
                app,
                id,
                try require(referral),
                db.lastInsertID,
                amount,
                takenBack,
                status,
                time,
                time
            )
        }
    }
}
