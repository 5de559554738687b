import Web

/// Of ``WebhookEvent/referralCreated``. Ids are opaque strings, here and in all events of the partner program.
struct ReferralPayload: Codable, Sendable {
    let referralId: String
    let referralCode: String
    let campaignId: String
    let appId: String
    /// The app's own name for who refers.
    let referrerId: String
    /// Null until it is known who was referred.
    let refereeId: Nullable<String>
    /// `PENDING` or `FLAGGED`, as the app API answers.
    let status: String
    /// Null where nothing was scored.
    let riskScore: Nullable<Int64>
    let createdAt: Timestamp
}

struct ReferralClickPayload: Codable, Sendable {
    let clickId: String
    let referralCode: String
    /// Null for a visitor who is not known yet.
    let refereeId: Nullable<String>
    let clickedAt: Timestamp
}

struct ConversionPayload: Codable, Sendable {
    let conversionId: String
    let referralId: String
    let referralCode: String
    let refereeId: String
    let referrerId: String
    /// Null where none was told.
    let amount: Nullable<Amount>
    /// `CONVERTED` or `FLAGGED`, as the app API answers.
    let status: String
    let convertedAt: Timestamp
}

struct RewardPayload: Codable, Sendable {
    let rewardId: String
    let campaignId: String
    let referralId: String
    let conversionId: String
    /// Whose it is, by the app's own name.
    let userId: String
    /// 1 for the referrer, 2 for the referrer's referrer.
    let level: Int64
    let amount: Amount
    let currency: String
    /// The campaign's pay-out, as `CASH`.
    let type: String
    let status: String
    let createdAt: Timestamp
}

/// Of ``WebhookEvent/usageLimitExceeded``: calls in the calendar month, UTC.
struct LimitPayload: Codable, Sendable {
    /// The app whose own limit it is; null for the plan's.
    let appId: Nullable<String>
    let current: Int64
    let limit: Int64
    /// `current` of `limit`, in whole percent.
    let percentage: Int64
    /// `exceeded`; `suspended` from where on calls are refused even by plans that bill them.
    let level: String

    /// - Parameter app: whose own limit it is, which no call passes.
    init(app: String?, used: Int64, limit: Int64) {
        appId = Nullable(app)
        (current, self.limit, percentage) = (used, limit, UsageAlerts.percent(used, of: limit))
        level = app == nil && used >= CallLimits.suspension(of: limit) ? "suspended" : "exceeded"
    }
}

// The partner program's names are older than those of the rest, and receivers know them so.
extension WebhookEvent where Payload == ReferralPayload {
    static var referralCreated: Self { .init("REFERRAL_CREATED", "A referral code was made.") }
}

extension WebhookEvent where Payload == ReferralClickPayload {
    static var referralClicked: Self { .init("REFERRAL_CLICKED", "Somebody has followed a referral code.") }
}

extension WebhookEvent where Payload == ConversionPayload {
    static var referralConverted: Self { .init("REFERRAL_CONVERTED", "Somebody who was referred has converted.") }
}

extension WebhookEvent where Payload == RewardPayload {
    static var rewardCreated: Self { .init("REWARD_CREATED", "A reward was earned.") }
    static var rewardClaimed: Self { .init("REWARD_CLAIMED", "A reward was approved, and is waiting to be paid.") }
    static var rewardRedeemed: Self { .init("REWARD_REDEEMED", "A reward was paid out.") }
}

extension WebhookEvent where Payload == LimitPayload {
    static var usageLimitExceeded: Self {
        .init("USAGE_LIMIT_EXCEEDED", "This month's calls have reached the plan's limit, or 120 % of it.")
    }
}
