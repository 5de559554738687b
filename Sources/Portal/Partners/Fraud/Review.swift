import Storage
import Web

/// Somebody has looked at what was flagged: what waited for it counts, or never happened.
struct Review {
    let resolution: FraudFlag.Resolution
    let confirmation: Confirmation
    let personID: Int64?

    private var now: Timestamp { confirmation.now }

    /// Resolves some flags of one referral, and lets follow what follows.
    func resolve(_ flags: [FraudFlag], of referral: Referral, _ db: borrowing Database) throws {
        for flag in flags {
            _ = try FraudFlags.resolve(flag.id, as: resolution, by: personID, at: now, db)
        }
        let isAboutReferral = flags.contains { $0.conversionID == nil }
        let named = Set(flags.compactMap(\.conversionID))
        let conversions = try Conversions.list(of: referral.id, db)
        let touched = conversions.filter { isAboutReferral || named.contains($0.id) }
        switch resolution {
        case .fraud:
            if isAboutReferral { try Referrals.set(.rejected, of: referral.id, db) }
            for conversion in touched { try confirmation.reject(conversion, db) }
        case .legitimate:
            // Its status first: what is released makes it converted.
            if isAboutReferral { try Referrals.set(try status(of: referral, conversions, db), of: referral.id, db) }
            for conversion in touched { try confirmation.release(conversion, referral, db) }
        }
    }

    private func status(
        of referral: Referral,
        _ conversions: [Conversion],
        _ db: borrowing Database
    ) throws -> Referral.Status {
        guard referral.status == .flagged else { return referral.status }
        if try FraudFlags.open(of: referral.id, db).contains(where: { $0.conversionID == nil }) { return .flagged }
        if conversions.contains(where: { $0.status == .converted || $0.status == .reversed }) { return .converted }
        return referral.clickedAt == nil ? .pending : .clicked
    }
}
