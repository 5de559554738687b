import Web

/// What an app rewards its users for, and by how much. The dates bound it whatever its status says.
struct Campaign: Sendable {
    enum Status: String, Codable, Sendable, CaseIterable, Documented {
        case active = "ACTIVE"
        case paused = "PAUSED"
        case scheduled = "SCHEDULED"
        case expired = "EXPIRED"

        static var sample: Status { .active }
    }

    enum ReferralType: String, Codable, Sendable, CaseIterable, Documented {
        /// Only who refers is rewarded.
        case oneSided = "ONE_SIDED"
        /// Who is referred is rewarded too.
        case twoSided = "TWO_SIDED"
        /// Who referred the referrer is rewarded too.
        case multiLevel = "MULTI_LEVEL"

        static var sample: ReferralType { .oneSided }
    }

    enum RewardModel: String, Codable, Sendable, CaseIterable, Documented {
        case fixed = "FIXED_CURRENCY"
        /// Of the conversion's amount.
        case percentage = "PERCENTAGE"
        /// By how many conversions the referrer had before.
        case tiered = "TIERED"

        static var sample: RewardModel { .fixed }
    }

    enum CodeFormat: String, Codable, Sendable, CaseIterable, Documented {
        case random = "RANDOM"
        case username = "USERNAME"
        case emailPrefix = "EMAIL_PREFIX"

        static var sample: CodeFormat { .random }
    }

    enum PayoutType: String, Codable, Sendable, CaseIterable, Documented {
        case cash = "CASH"
        case storeCredit = "STORE_CREDIT"
        case inAppDiscount = "IN_APP_DISCOUNT"
        case couponCode = "COUPON_CODE"
        case points = "POINTS"
        case other = "OTHER"

        static var sample: PayoutType { .cash }
    }

    /// What its owner chooses.
    struct Terms: Sendable {
        var name: String
        var description = ""
        /// Where `GET /r/{code}` leads; empty: to the app's own site.
        var landingURL = ""
        var status = Status.active
        var referralType = ReferralType.oneSided
        var rewardModel = RewardModel.fixed
        /// Millionths of a major unit, or of a percent.
        var rewardMicros: Int64 = 0
        /// The most that one reward is, in minor units.
        var rewardCap: Int64?
        var isFirstTimeOnly = false
        var startsAt: Timestamp?
        var endsAt: Timestamp?
        /// Days.
        var conversionWindow: Int64?
        /// Days.
        var rewardExpiration: Int64?
        /// As `rewardMicros`, where the two levels differ.
        var level1Micros: Int64?
        var level2Micros: Int64?
        /// Minor units.
        var level1Cap: Int64?
        var level2Cap: Int64?
        /// As the client sent it.
        var tierConfig: JSONValue?
        var codePrefix = ""
        var codeFormat = CodeFormat.random
        var payoutType = PayoutType.cash
    }

    let id: Int64
    let publicID: String
    let accountID: Int64
    let appID: Int64
    let createdAt: Timestamp
    let updatedAt: Timestamp
    var terms: Terms

    /// By its dates too: one that was scheduled has begun, one whose end has passed has expired.
    func status(at now: Timestamp) -> Status {
        if let end = terms.endsAt, end <= now { return .expired }
        guard terms.status == .scheduled || terms.status == .active else { return terms.status }
        if let start = terms.startsAt { return start > now ? .scheduled : .active }
        return terms.status
    }
}
