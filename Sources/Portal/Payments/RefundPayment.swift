import Crypto
import Outbound
import Storage
import Web

/// `POST /api/v1/admin/payments/{id}/refunds`: gives a payment back, in part or as a whole.
///
/// The refund and the key that the provider is asked with are written down first. Where the provider does not answer
/// the refund stays `asked`, and ``RefundOrders`` finishes it; nothing is given back twice.
struct RefundPayment: Endpoint {
    /// The provider's words for it.
    enum Reason: String, Codable, Sendable, CaseIterable, Documented {
        case requestedByCustomer = "requested_by_customer"
        case duplicate, fraudulent

        static var sample: Reason { .requestedByCustomer }
    }

    struct Input: Codable, Sendable {
        /// The payment's, as `pi_…`.
        let id: Text<1, 255>
        /// In the payment's currency; without it, all that is left.
        let amount: Dollars?
        let reason: Reason?
    }

    struct Answer: JSONOutput {
        /// The provider's; null as long as it is not known there.
        let id: Nullable<String>
        let payment: String
        let amount: Amount
        let currency: String
        /// `asked`: the provider has not answered yet, and will be asked again.
        let status: Refunds.Status
        let reason: String
        let createdAt: Timestamp

        enum CodingKeys: String, CodingKey {
            case id, payment, amount, currency, status, reason
            case createdAt = "created_at"
        }

        init(_ refund: Refunds.Refund, of payment: String) {
            id = Nullable(refund.providerID)
            self.payment = payment
            amount = Amount(refund.amount, refund.currency)
            currency = refund.currency.code
            (status, reason, createdAt) = (refund.status, refund.reason, refund.createdAt)
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        if let amount = input.amount, amount.micros <= 0 { throw Failure.invalid("amount", "must be greater than 0") }
        try app.replay(to: caller)
        guard let stripe = app.stripe else {
            throw Failure.unavailable("Payments are not configured", code: "payments_not_configured", retryAfter: 300)
        }
        // The client's own key makes its repeat the same refund.
        let named = caller.idempotency.map { Hex.encode(SHA256.digest(Array("\($0.caller)|\($0.key)".utf8))) }
        let key = "refund-\(try named ?? Hex.encode(app.random(16)))"
        let now = app.now()
        let isNew = try await app.store.write { db in try note(input, key, by: caller, at: now, db) }
        await RefundOrders.send(key, isRepeat: !isNew, stripe, .waiting, app)
        let found = try app.store.read { db in try Refunds.find(key: key, db) }
        guard let refund = found else { throw Failure.notFound("Payment not found") }
        if refund.status == .failed, refund.providerID == nil {
            throw Failure.conflict(refund.error ?? "The provider refused", code: "refund_refused")
        }
        let answer = Answer(refund, of: input.id.value)
        // What is not known yet is not put down as the answer: a repeat asks again.
        return refund.status == .asked ? answer : try await app.commit(by: caller) { _ in answer }
    }

    /// - Returns: false for a repeat.
    private static func note(
        _ input: Input,
        _ key: String,
        by caller: Caller,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Bool {
        guard let payment = try Payments.find(input.id.value, db) else { throw Failure.notFound("Payment not found") }
        let left = payment.left - (try Refunds.askedSum(of: payment.id, db))
        let asked = try input.amount.map { try cents($0, payment.currency) }
        let reason = input.reason ?? .requestedByCustomer
        if let before = try Refunds.find(key: key, db) {
            let isSame = before.paymentID == payment.id && before.amount == asked ?? before.amount
            guard isSame else {
                throw Failure(422, "idempotency_key_reused", "This Idempotency-Key is already used for another request")
            }
            return false
        }
        let amount = asked ?? left
        guard amount > .zero, amount <= left else {
            let text = Money(left.value, payment.currency).text
            throw Failure.conflict("Only \(text) of this payment can be given back", code: "refund_too_large")
        }
        _ = try Refunds.insert(amount, of: payment, reason: reason.rawValue, key: key, at: now, db)
        try Audit.record(
            .refundAsked,
            by: caller,
            account: payment.accountID,
            target: "payment:\(payment.providerID)",
            detail: [
                .init("amount", .string(Money(amount.value, payment.currency).text)),
                .init("reason", .string(reason.rawValue)),
            ],
            at: now,
            db
        )
        return true
    }

    private static func cents(_ amount: Dollars, _ currency: Currency) throws -> Cents {
        let (minor, rest) = amount.micros.quotientAndRemainder(dividingBy: currency.microsPerMinor)
        guard rest == 0, minor % currency.step == 0 else {
            throw Failure.invalid("amount", "has more decimals than \(currency.code) can be charged in")
        }
        return Cents(minor)
    }
}
