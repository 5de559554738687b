import Storage
import Web

/// One grant as it is answered.
struct GrantView: Codable, Sendable {
    let id: Int64
    let kind: CreditGrants.Kind
    let name: String
    let amount: Amount
    /// What of it is not spent yet.
    let remaining: Amount
    let currency: String
    /// Lower is spent first; among equals what expires first, then what came first.
    let priority: Int64
    let createdAt: Timestamp
    let expiresAt: Nullable<Timestamp>
    /// When it ended before it was spent.
    let expiredAt: Nullable<Timestamp>
    let voidedAt: Nullable<Timestamp>

    enum CodingKeys: String, CodingKey {
        case id, kind, name, amount, remaining, currency, priority
        case createdAt = "created_at"
        case expiresAt = "expires_at"
        case expiredAt = "expired_at"
        case voidedAt = "voided_at"
    }

    init(_ grant: CreditGrants.Grant) {
        (id, kind, name) = (grant.id, grant.kind, grant.name)
        amount = Amount(grant.amount, grant.money)
        remaining = Amount(grant.remaining, grant.money)
        (currency, priority, createdAt) = (grant.currency, grant.priority, grant.createdAt)
        expiresAt = Nullable(grant.expiresAt)
        expiredAt = Nullable(grant.expiredAt)
        voidedAt = Nullable(grant.voidedAt)
    }
}

/// What an account wants to happen when its credit runs low.
struct CreditRuleView: Codable, Sendable {
    let alertBelow: Nullable<Amount>
    let topUpBelow: Nullable<Amount>
    let topUpAmount: Nullable<Amount>
    /// A month.
    let topUpsAtMost: Int64
    let topUpsThisMonth: Int64
    let isTopUpUnderWay: Bool
    /// Whether failures have ended automatic top-ups; setting the rule turns them on again.
    let isTopUpOff: Bool
    /// Why the last one failed.
    let topUpError: Nullable<String>

    enum CodingKeys: String, CodingKey {
        case alertBelow = "alert_below"
        case topUpBelow = "top_up_below"
        case topUpAmount = "top_up_amount"
        case topUpsAtMost = "top_ups_at_most"
        case topUpsThisMonth = "top_ups_this_month"
        case isTopUpUnderWay = "is_top_up_under_way"
        case isTopUpOff = "is_top_up_off"
        case topUpError = "top_up_error"
    }

    init(_ rule: CreditRules.Rule, in currency: Currency, at now: Timestamp) {
        alertBelow = Nullable(rule.alertBelow.map { Amount($0, currency) })
        topUpBelow = Nullable(rule.topUpBelow.map { Amount($0, currency) })
        topUpAmount = Nullable(rule.topUpAmount.map { Amount($0, currency) })
        topUpsAtMost = rule.topUpsAtMost
        topUpsThisMonth = rule.topUps(in: now.month)
        isTopUpUnderWay = rule.topUpSince != nil
        isTopUpOff = rule.isOff
        topUpError = Nullable(rule.error)
    }
}

/// `GET /api/v1/credit`: what the account has left, where it came from, newest first, and its rule.
struct ShowCredit: Endpoint {
    struct Input: Codable, Sendable {
        let limit: Whole<1, 200>?
        /// `next_cursor` of the page before.
        let cursor: Int64?
    }

    struct Answer: JSONOutput {
        let balance: Amount
        let currency: String
        let rule: CreditRuleView
        let grants: [GrantView]
        /// Null on the last page.
        let nextCursor: Nullable<Int64>

        enum CodingKeys: String, CodingKey {
            case balance, currency, rule, grants
            case nextCursor = "next_cursor"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let limit = input.limit?.value ?? 50
        let now = app.now()
        return try app.store.read { db in
            let currency = try Accounts.currency(of: accountID, db)
            let time = try Accounts.time(of: accountID, at: now, db)
            let rule = try CreditRules.find(accountID, db) ?? CreditRules.Rule()
            // One more than is shown tells whether there is another page.
            let grants = try CreditGrants.list(of: accountID, before: input.cursor ?? .max, limit: limit + 1, db)
            let shown = grants.prefix(Int(limit))
            return Answer(
                balance: Amount(try Ledger.credit(of: accountID, db), currency),
                currency: currency.code,
                rule: CreditRuleView(rule, in: currency, at: time),
                grants: shown.map { GrantView($0) },
                nextCursor: Nullable(grants.count > shown.count ? shown.last?.id : nil)
            )
        }
    }
}
