import Storage
import Web

/// A refund as it is now, asked for here or in the provider's dashboard.
struct RefundEffect {
    let id: String
    let payment: String
    let status: Refunds.Status
    /// In the provider's units.
    let amount: Int64
    let refund: JSONValue

    /// Nil for what is no refund of a payment intent.
    init?(_ refund: JSONValue) {
        guard let id = refund["id"]?.string, let payment = refund["payment_intent"]?.string,
            let status = refund["status"]?.string.flatMap({ Refunds.Status(provider: $0) }),
            let amount = refund["amount"]?.integer, amount > 0
        else { return nil }
        (self.id, self.payment, self.status, self.amount, self.refund) = (id, payment, status, amount, refund)
    }

    func apply(at now: Timestamp, _ links: InvoiceLinks, _ db: borrowing Database) throws -> StripeEvents.Outcome {
        guard let payment = try Payments.find(payment, db) else { return .waits(payment: self.payment) }
        try note(payment, at: now, db)
        _ = try GivingBack.settle(payment, at: now, links, db)
        return .applied
    }

    /// Writes it down; the books follow by ``GivingBack``.
    func note(_ payment: Payments.Payment, at now: Timestamp, _ db: borrowing Database) throws {
        let money = try Money(providerAmount: amount, payment.currency)
        guard Cents(money.minor) <= Payments.most else { throw Payments.Implausible(amount: Cents(money.minor)) }
        try Refunds.follow(
            id,
            status,
            Cents(money.minor),
            key: refund["metadata"]?[Self.mark]?.string,
            reason: refund["reason"]?.string ?? "",
            error: refund["failure_reason"]?.string,
            of: payment,
            at: now,
            db
        )
    }

    /// The member of the metadata by which our own are found again, should an answer be lost.
    static let mark = "purser_refund"
}
