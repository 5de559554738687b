import Web

/// What somebody earns by a conversion.
struct Reward: Sendable {
    enum Status: String, Codable, Sendable, CaseIterable, Documented {
        /// Held back for a while, since what is refunded soon should never be paid.
        case pending = "PENDING"
        /// Due.
        case approved = "APPROVED"
        case paid = "PAID"
        case cancelled = "CANCELLED"

        static var sample: Status { .pending }

        /// What an owner may make of it.
        var next: [Status] {
            switch self {
            case .pending: [.approved, .paid, .cancelled]
            case .approved: [.paid, .cancelled]
            case .paid, .cancelled: []
            }
        }
    }

    enum CancelReason: String, Codable, Sendable, CaseIterable, Documented {
        case owner, fraud, refund, dispute, expired

        static var sample: CancelReason { .owner }

        /// Whether it may come back: a dispute is won, or a refund failed.
        var isReversal: Bool { self == .refund || self == .dispute }
    }

    /// What rewards in points are in, in hundredths.
    static let points = "pts"

    var id: Int64
    let publicID: String
    let accountID: Int64
    let appID: Int64
    let campaignID: Int64
    let referralID: Int64
    let conversionID: Int64
    /// Who gets it: the referrer (level 1), the referrer's referrer (2), or the referee (0).
    let userID: String
    let level: Int64
    /// Minor units.
    let amount: Cents
    /// Of the amount, by refunds, disputes and fraud.
    var takenBack = Cents.zero
    /// What the user got.
    var paidOut = Cents.zero
    let currency: String
    let payoutType: Campaign.PayoutType
    var status = Status.pending
    var cancelReason: CancelReason?
    let heldUntil: Timestamp
    let expiresAt: Timestamp?
    let createdAt: Timestamp
    var approvedAt: Timestamp?
    var paidAt: Timestamp?
    var cancelledAt: Timestamp?
    /// How often it changed since it was made.
    var changes: Int64 = 0

    /// What the user may keep of it.
    var net: Cents { status == .cancelled ? .zero : amount - takenBack }

    /// What it is on each side of the books, debits less credits: together nothing.
    ///
    /// Of one that was paid, what the user may keep and did not get is still due; what the user got and may not keep is
    /// a debt, and is taken off when the next one is paid.
    var sides: [Ledger.Side: Int64] {
        var sides: [Ledger.Side: Int64] = [.rewardCost: net.value]
        if paidAt != nil {
            sides[.rewardPaid] = -paidOut.value
            sides[.rewardDue] = paidOut.value - net.value
        } else {
            sides[status == .approved ? .rewardDue : .rewardHeld] = -net.value
        }
        return sides
    }
}
