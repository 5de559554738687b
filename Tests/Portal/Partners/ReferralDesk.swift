import Storage
import Web

@testable import Portal

/// An account with an app whose key is at hand, on a store in memory, at whatever moment a test says.
final class ReferralDesk: Sendable {
    let house: UnitStore
    let owner: UnitStore.Identities
    let appID: Int64
    let settings: [String: String]

    static let noon = UnitStore.noon

    init(rules: JSONValue? = ReferralDesk.calm, settings: [String: String] = [:]) throws {
        let house = try UnitStore(in: "/dev/shm")
        let owner = try house.account("owner")
        (self.house, self.owner, self.settings) = (house, owner, settings)
        appID = try house.store.writeBlocking { db in
            let terms = CustomerApp.Terms(name: "Shop", website: "https://shop.example", fraudRules: rules)
            return try Apps.insert(terms, publicID: "app_shop", accountID: owner.account, at: Self.noon, db)
        }
    }

    /// Rules that see nothing, for tests of everything else.
    static let calm = JSONValue.object(
        Fraud.Rule.allCases.filter { $0 != .selfReferral }.map {
            .init($0.rawValue, .object([.init("enabled", .bool(false))]))
        }
    )

    func campaign(_ change: (inout Campaign.Terms) -> Void = { _ in }) throws -> String {
        var terms = Campaign.Terms(name: "Spring")
        terms.rewardMicros = 10_000_000
        change(&terms)
        let id = "cmp_\(try Random62.text(24))"
        let final = terms
        _ = try house.store.writeBlocking { [owner, appID] db in
            try Campaigns.insert(final, publicID: id, accountID: owner.account, appID: appID, at: Self.noon, db)
        }
        return id
    }

    /// The app's server, or with another address somebody else's.
    func caller(_ address: String = "192.0.2.1", agent: String = "Shop/1.0", networks: Networks? = nil) -> Caller {
        let profile = Caller.Profile(
            name: "Owner",
            email: "owner@example.com",
            stripeCustomerID: nil,
            createdAt: Self.noon,
            isVerified: true
        )
        let holder = Caller.Holder(
            accountID: owner.account,
            userID: owner.person,
            isOperator: false,
            profile: profile,
            role: .owner
        )
        var grant = Caller.KeyGrant(id: owner.key)
        (grant.appID, grant.networks) = (appID, networks)
        var caller = Caller(address: address, requestID: "test")
        (caller.kind, caller.userAgent) = (.key(holder, grant), agent)
        return caller
    }

    func ask<E: Endpoint>(
        _: E.Type,
        _ fields: [String: JSONValue],
        by asking: Caller? = nil,
        at moment: Timestamp = noon
    ) async throws -> E.Answer {
        let members = fields.map { JSONValue.Member($0.key, $0.value) }
        let input = try InputDecoder.decode(E.Input.self, from: .object(members))
        return try await E.handle(input, by: asking ?? caller(), in: house.app(settings, at: moment))
    }

    func refer(
        _ campaign: String,
        by referrer: String,
        _ more: [String: JSONValue] = [:],
        from asking: Caller? = nil,
        at moment: Timestamp = noon
    ) async throws -> CreateReferral.Made {
        let fields = ["campaignId": JSONValue.string(campaign), "referrerId": .string(referrer)]
        return try await ask(CreateReferral.self, fields.merging(more) { $1 }, by: asking, at: moment).body
    }

    func click(_ code: String, by referee: String? = nil, at moment: Timestamp = noon) async throws {
        var fields = ["referralCode": JSONValue.string(code)]
        fields["refereeId"] = referee.map { .string($0) }
        _ = try await ask(RecordClick.self, fields, at: moment)
    }

    func convert(
        _ code: String,
        by referee: String,
        amount: String? = nil,
        _ more: [String: JSONValue] = [:],
        from asking: Caller? = nil,
        at moment: Timestamp = noon
    ) async throws -> RecordConversion.Made {
        var fields = ["referralCode": JSONValue.string(code), "refereeId": .string(referee)]
        fields["amount"] = amount.map { .decimal($0) }
        return try await ask(RecordConversion.self, fields.merging(more) { $1 }, by: asking, at: moment).body
    }

    /// Every reward there is, oldest first.
    func rewards() throws -> [Reward] {
        try house.store.read { db in
            try Rewards.page(.init(accountID: owner.account), limit: 1000, db).reversed()
        }
    }

    /// Of each reward, oldest first: `level user cents`.
    func shares() throws -> [String] {
        try rewards().map { "\($0.level) \($0.userID) \($0.amount.value)" }
    }

    func set(_ status: Reward.Status, _ reward: Reward, at moment: Timestamp = noon) async throws {
        let fields = ["id": JSONValue.string(reward.publicID), "status": .string(status.rawValue)]
        _ = try await ask(ChangeReward.self, fields, at: moment)
    }

    /// Debits less credits of a side of the account's books.
    func side(_ side: Ledger.Side) throws -> Int64 {
        try house.store.read { db in try Ledger.balance(side, of: owner.account, db).value }
    }

    /// What the checks of the books find.
    func findings() throws -> [String] {
        try house.store.read { db in try LedgerCheck.run(db) }
    }
}

/// Public ids of tests.
enum Random62 {
    static func text(_ count: Int) throws -> String {
        let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        return String((0..<count).map { _ in letters[Int.random(in: 0..<62)] })
    }
}

/// The sentence of what an answer refused with.
func sentence(_ body: () async throws -> some Any) async throws -> String {
    do {
        _ = try await body()
        return "let in"
    } catch let failure as Failure {
        return "\(failure.status) \(failure.detail)"
    }
}
