import Web

/// What happened last to a referrer's code, as the dashboard tells it.
struct ReferralActivity: Codable, Sendable {
    let id: String
    let type: Referral.Status
    let description: String
    let timestamp: PreciseTime
    let app: AppLabel

    init(_ referral: Referral, _ app: AppLabel) {
        (id, type, self.app) = (referral.publicID, referral.status, app)
        let code = "\(referral.code) of \(referral.referrerID)"
        switch referral.status {
        case .pending: description = "Code \(code) was made"
        case .clicked: description = "Code \(code) was clicked"
        case .converted: description = "Code \(code) brought a conversion"
        case .flagged: description = "Code \(code) was flagged"
        case .rejected: description = "Code \(code) was rejected as fraud"
        }
        timestamp = PreciseTime(referral.status == .pending ? referral.createdAt : referral.lastSeen)
    }
}

extension Referral {
    fileprivate var lastSeen: Timestamp { clickedAt ?? createdAt }
}
