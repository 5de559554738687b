import Storage
import Web

/// What the provider's objects mean here. Each effect follows from the object as it is, never from which event told of
/// it: so repeats, twins and every order of events end the same.
struct StripeEffects {
    let now: Timestamp
    /// Addresses in letters are relative to this.
    let links: InvoiceLinks
    /// The mode that our key is of; nil where it does not say.
    var isLive: Bool?

    /// What the provider was asked for.
    func apply(_ found: StripeLookUp.Found, type: String, _ db: borrowing Database) throws -> StripeEvents.Outcome {
        let outcome = try apply(found.object, about: found.about, type: type, db)
        guard found.about == .intent, found.hasNoPage, outcome == Self.notOurs else { return outcome }
        return try TakenPayment(found.object)?.book(in: isLive, at: now, db) ?? outcome
    }

    private static let notOurs = StripeEvents.Outcome.ignored("no page and no charge of ours began it")

    /// - Parameters:
    ///   - object: as Stripe's API shows it, by whatever way it came.
    func apply(
        _ object: JSONValue,
        about: StripeEventTypes.About,
        type: String,
        _ db: borrowing Database
    ) throws -> StripeEvents.Outcome {
        switch about {
        case .session:
            try SessionEffect(object, type: type)?.apply(at: now, db) ?? .ignored("it has no id")
        case .intent: try apply(intent: object, db)
        case .charge: try apply(charge: object, db)
        case .refund: try RefundEffect(object)?.apply(at: now, links, db) ?? .ignored("it names no payment")
        case .dispute:
            try DisputeEffect(object)?.apply(at: now, links, db) ?? .ignored("it names no payment")
        case .fraudWarning: try apply(fraudWarning: object, db)
        case .customer: try apply(customer: object, isDeleted: type == "customer.deleted", db)
        case .paymentMethod, .setupIntent: try apply(paymentMethod: object, db)
        case .meterErrors: try applyMeterErrors(object, db)
        }
    }

    /// An intent is ours where a page of ours began it, and then the page's session has told of it, or a charge of
    /// ours did. What an operator takes by hand at the provider is a ``TakenPayment``, once the provider says that
    /// there is no page: an event alone does not.
    private func apply(intent: JSONValue, _ db: borrowing Database) throws -> StripeEvents.Outcome {
        guard let id = intent["id"]?.string else { return .ignored("it has no id") }
        if try Charges.hear(intent, links, at: now, db) { return .applied }
        if try Payments.find(id, db) != nil { return .applied }
        return Self.notOurs
    }

    private func apply(charge: JSONValue, _ db: borrowing Database) throws -> StripeEvents.Outcome {
        guard let id = charge["id"]?.string, let name = charge["payment_intent"]?.string,
            let told = charge["amount_refunded"]?.integer
        else { return .ignored("it has no payment intent") }
        guard let payment = try Payments.find(name, db) else { return .waits(payment: name) }
        let total = try Money(providerAmount: told, payment.currency)
        try Payments.note(chargeID: id, refunds: Cents(total.minor), of: payment.id, db)
        if case .array(let refunds)? = charge["refunds"]?["data"] {
            for refund in refunds { _ = try RefundEffect(refund)?.note(payment, at: now, db) }
        }
        guard let noted = try Payments.find(id: payment.id, db) else { return .applied }
        _ = try GivingBack.settle(noted, at: now, links, db)
        return .applied
    }

    private func apply(fraudWarning: JSONValue, _ db: borrowing Database) throws -> StripeEvents.Outcome {
        guard let id = fraudWarning["id"]?.string, let name = fraudWarning["payment_intent"]?.string,
            let payment = try Payments.find(name, db)
        else { return .ignored("its payment is in no books here") }
        guard try Payments.note(fraudWarning: id, of: payment.id, db) else { return .applied }
        let kind = fraudWarning["fraud_type"]?.string ?? "unknown"
        let amount = Money(payment.amount.value, payment.currency).text
        try PaymentTickets.open(
            .critical,
            "A payment may be fraudulent",
            "The provider warns of payment \(name), \(amount) \(payment.currency.code) (\(kind), \(id)). A refund now "
                + "may spare a dispute.",
            account: payment.accountID,
            at: now,
            db
        )
        try Audit.record(
            .fraudWarned,
            byItself: "stripe",
            account: payment.accountID,
            target: "payment:\(name)",
            detail: [.init("warning", .string(id)), .init("kind", .string(kind))],
            at: now,
            db
        )
        return .applied
    }

    private func apply(customer: JSONValue, isDeleted: Bool, _ db: borrowing Database) throws -> StripeEvents.Outcome {
        guard let id = customer["id"]?.string, let accountID = try Accounts.find(stripeCustomer: id, db) else {
            return .ignored("it is no customer of ours")
        }
        guard isDeleted || customer["deleted"] == .bool(true) else {
            // Which card is charged first may have changed; name and address are kept here.
            return try PaymentMethods.hear(customer, at: now, db) ? .applied : .ignored("it is no customer of ours")
        }
        try PaymentMethods.detach(unseenSince: now.adding(seconds: 1), of: accountID, db)
        try Accounts.forgetStripeCustomer(id, db)
        try Audit.record(
            .customerDeleted,
            byItself: "stripe",
            account: accountID,
            target: "account:\(accountID)",
            detail: [.init("customer", .string(id))],
            at: now,
            db
        )
        return .applied
    }

    private func apply(paymentMethod: JSONValue, _ db: borrowing Database) throws -> StripeEvents.Outcome {
        try PaymentMethods.hear(paymentMethod, at: now, db) ? .applied : .ignored("it is of no customer of ours")
    }

    private func applyMeterErrors(_ report: JSONValue, _ db: borrowing Database) throws -> StripeEvents.Outcome {
        try Audit.record(
            .meterErrors,
            byItself: "stripe",
            account: nil,
            target: "meter",
            detail: [.init("report", report)],
            at: now,
            db
        )
        return .applied
    }
}
