import Storage
import Web

/// A flag as its account's members and operators see it.
struct FraudView: Codable, Sendable {
    enum Status: String, Codable, Sendable, CaseIterable, Documented {
        case open = "OPEN"
        case resolved = "RESOLVED"

        static var sample: Status { .open }
    }

    let id: String
    let referralId: String
    let referralCode: String
    /// Null: it is about the referral as a whole.
    let conversionId: Nullable<String>
    let referrerId: String
    let rules: [Fraud.Rule]
    let reasons: [String]
    let riskScore: Int64
    let status: Status
    let resolution: Nullable<FraudFlag.Resolution>
    let campaign: ReferralView.Named
    let app: ReferralView.Named
    let createdAt: PreciseTime
    let resolvedAt: Nullable<PreciseTime>

    /// - Throws: ``StoreError/corrupt(_:)`` where it belongs to nothing, which foreign keys rule out.
    init(_ flag: FraudFlag, _ db: borrowing Database) throws {
        guard let referral = try Referrals.find(id: flag.referralID, db) else {
            throw StoreError.corrupt("flag \(flag.publicID) belongs to nothing")
        }
        let view = try ReferralView(referral, db)
        (id, rules, reasons, riskScore) = (flag.publicID, flag.rules, flag.reasons, flag.score)
        (referralId, referralCode, referrerId) = (referral.publicID, referral.code, referral.referrerID)
        conversionId = Nullable(try flag.conversionID.flatMap { try Conversions.find(id: $0, db)?.publicID })
        (status, resolution) = (flag.resolvedAt == nil ? .open : .resolved, Nullable(flag.resolution))
        (campaign, app) = (view.campaign, view.app)
        createdAt = PreciseTime(flag.createdAt)
        resolvedAt = Nullable(flag.resolvedAt.map { PreciseTime($0) })
    }
}
