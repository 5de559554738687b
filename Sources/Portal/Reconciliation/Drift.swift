import Web

/// Something that is not the same here and at the provider.
struct Drift: Codable, Sendable {
    enum Kind: String, Codable, Sendable, CaseIterable, Documented {
        /// Paid there, in no books here.
        case missingPayment = "missing_payment"
        /// In our books, not known there.
        case unknownPayment = "unknown_payment"
        case amount, refunds, disputes
        /// What the provider's balance got by the payment is not what our cash got.
        case balance
        case missingRefund = "missing_refund"
        case missingDispute = "missing_dispute"
        /// A page that is paid or has ended there, and is open here.
        case openCheckout = "open_checkout"
        case unansweredRefund = "unanswered_refund"
        case failedEvent = "failed_event"
        /// Our own books are not sound.
        case books

        static var sample: Kind { .refunds }
    }

    let kind: Kind
    /// The provider's id of what it is about.
    let object: String
    let account: Nullable<Int64>
    let here: String
    let there: String
    /// What would put it right.
    let repair: String

    /// What is asked for and applied again to put it right; nil where a person has to.
    var again: StripeEventTypes.About? {
        switch kind {
        case .missingPayment, .amount, .refunds, .balance: .charge
        case .missingRefund: .refund
        case .disputes, .missingDispute: .dispute
        case .openCheckout: .session
        case .unknownPayment, .unansweredRefund, .failedEvent, .books: nil
        }
    }

    static let applyAgain = "purser stripe reconcile --repair applies it again"
}
