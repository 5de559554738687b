import Web

/// A referrer's code.
struct Referral: Sendable {
    enum Status: String, Codable, Sendable, CaseIterable, Documented {
        case pending = "PENDING"
        case clicked = "CLICKED"
        case converted = "CONVERTED"
        /// Works, and earns nothing until somebody has looked at it.
        case flagged = "FLAGGED"
        /// Was found to be fraud: it works no more.
        case rejected = "REJECTED"

        static var sample: Status { .pending }
    }

    var id: Int64
    let publicID: String
    let accountID: Int64
    let appID: Int64
    let campaignID: Int64
    let code: String
    let referrerID: String
    /// For whom the code was made, where that is known.
    let refereeID: String?
    let username: String?
    let email: String?
    let address: String
    var status: Status
    let riskScore: Int64
    let clickedAt: Timestamp?
    let createdAt: Timestamp

    /// Whether a user is the one who refers, by any of the names that are known.
    func isReferrer(_ user: String) -> Bool {
        [referrerID, username ?? "", email ?? ""].contains { AppUser.isSame($0, user) }
    }
}

extension Campaign {
    /// - Throws: ``Failure`` 400 with the sentences that clients of the app API read.
    func requireOpen(at now: Timestamp) throws {
        if let end = terms.endsAt, end <= now { throw Failure.badRequest("Campaign has ended") }
        if let start = terms.startsAt, start > now { throw Failure.badRequest("Campaign has not started yet") }
        guard status(at: now) == .active else { throw Failure.badRequest("Campaign is not active") }
    }
}
