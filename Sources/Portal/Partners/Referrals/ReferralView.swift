import Storage
import Web

/// A referral as its account's members see it.
struct ReferralView: Codable, Sendable {
    struct Named: Codable, Sendable {
        let id: String
        let name: String
    }

    let id: String
    let referralCode: String
    let code: String
    let referrerId: String
    let refereeId: Nullable<String>
    let referrerUsername: Nullable<String>
    let referrerEmail: Nullable<String>
    let status: Referral.Status
    let riskScore: Int64
    /// Why it waits to be looked at; empty where it does not.
    let flagReasons: [String]
    let campaignId: String
    let campaign: Named
    let app: Named
    let clickedAt: Nullable<PreciseTime>
    let createdAt: PreciseTime

    /// - Throws: ``StoreError/corrupt(_:)`` where it belongs to nothing, which foreign keys rule out.
    init(_ referral: Referral, _ db: borrowing Database) throws {
        guard let campaign = try Campaigns.findEvenDeleted(id: referral.campaignID, db),
            let app = try Apps.named(id: referral.appID, db)
        else { throw StoreError.corrupt("referral \(referral.publicID) belongs to nothing") }
        (id, referralCode, code) = (referral.publicID, referral.code, referral.code)
        (referrerId, refereeId) = (referral.referrerID, Nullable(referral.refereeID))
        (referrerUsername, referrerEmail) = (Nullable(referral.username), Nullable(referral.email))
        (status, riskScore) = (referral.status, referral.riskScore)
        flagReasons = referral.status == .flagged ? try FraudFlags.open(of: referral.id, db).flatMap(\.reasons) : []
        campaignId = campaign.publicID
        self.campaign = Named(id: campaign.publicID, name: campaign.terms.name)
        self.app = Named(id: app.publicID, name: app.name)
        clickedAt = Nullable(referral.clickedAt.map { PreciseTime($0) })
        createdAt = PreciseTime(referral.createdAt)
    }
}
