import Web

/// A referral or conversion that earns nothing until somebody has looked at it.
struct FraudFlag: Sendable {
    enum Resolution: String, Codable, Sendable, CaseIterable, Documented {
        /// It counts and earns, as of its own time.
        case legitimate
        /// It never happened: what it earned is taken back.
        case fraud

        static var sample: Resolution { .legitimate }
    }

    let id: Int64
    let publicID: String
    let accountID: Int64
    let appID: Int64
    let campaignID: Int64
    let referralID: Int64
    /// Nil: it is about the referral as a whole.
    let conversionID: Int64?
    /// None where a person raised it.
    let rules: [Fraud.Rule]
    /// Why, in that person's words.
    let remark: String?
    let score: Int64
    let resolution: Resolution?
    let createdAt: Timestamp
    let resolvedAt: Timestamp?

    var reasons: [String] { rules.map(\.sentence) + [remark].compactMap { $0 } }
}

/// Which flags a list shows.
enum FraudFilter: String, Codable, Sendable, CaseIterable, Documented {
    case all, open, resolved, legitimate, fraud
    // As older clients say them.
    case unresolved, pending

    static var sample: FraudFilter { .all }

    var isOpen: Bool { [.open, .unresolved, .pending].contains(self) }
}
