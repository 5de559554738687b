import Web

/// Somebody who was referred did what the campaign rewards.
struct Conversion: Sendable {
    enum Status: String, Codable, Sendable, CaseIterable, Documented {
        /// It counts.
        case converted = "CONVERTED"
        /// Counts and earns nothing until somebody has looked at it.
        case flagged = "FLAGGED"
        /// Was found to be fraud.
        case rejected = "REJECTED"
        /// All of it went back to who paid.
        case reversed = "REVERSED"

        static var sample: Status { .converted }
    }

    var id: Int64
    let publicID: String
    let accountID: Int64
    let appID: Int64
    let campaignID: Int64
    let referralID: Int64
    let referrerID: String
    /// Empty: not known.
    let refereeID: String
    let amount: Cents?
    /// The account's.
    let currency: Currency
    /// At the provider.
    let paymentID: String?
    var status: Status
    let riskScore: Int64
    let convertedAt: Timestamp
    /// What the app told that went back; 1 of a conversion without an amount.
    var refunded: Cents

    /// Of what `refunded` is a part.
    var whole: Cents { amount.map { max($0, Cents(1)) } ?? Cents(1) }
}
