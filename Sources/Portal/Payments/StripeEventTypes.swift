/// Which of the provider's events this house wants (docs.stripe.com/api/events/types), and what each is about.
///
/// `purser stripe setup --webhook` subscribes to exactly these. Left out on purpose: `invoice.*`, `credit_note.*`,
/// `customer.subscription.*`, since invoices and subscriptions are Purser's own and the metered subscription at the
/// provider only counts; `charge.succeeded`, since `payment_intent.succeeded` says the same; `payout.*` and
/// `balance.*`, which are the bank's side and no account's.
enum StripeEventTypes {
    enum About: Sendable {
        case session, intent, charge, refund, dispute, fraudWarning, customer, paymentMethod, setupIntent, meterErrors

        /// Where the object is asked for again; nil where the event says all there is, and nothing moves by it.
        func path(_ id: String) -> String? {
            switch self {
            case .session: "/v1/checkout/sessions/\(id)"
            case .intent: "/v1/payment_intents/\(id)"
            case .charge: "/v1/charges/\(id)"
            case .refund: "/v1/refunds/\(id)"
            case .dispute: "/v1/disputes/\(id)"
            case .customer: "/v1/customers/\(id)"
            case .paymentMethod: "/v1/payment_methods/\(id)"
            case .setupIntent: "/v1/setup_intents/\(id)"
            case .fraudWarning, .meterErrors: nil
            }
        }
    }

    static let wanted: [String: About] = [
        "checkout.session.completed": .session,
        "checkout.session.async_payment_succeeded": .session,
        "checkout.session.async_payment_failed": .session,
        "checkout.session.expired": .session,
        "payment_intent.succeeded": .intent,
        "payment_intent.payment_failed": .intent,
        "payment_intent.processing": .intent,
        "payment_intent.canceled": .intent,
        "payment_intent.requires_action": .intent,
        "charge.refunded": .charge,
        "refund.created": .refund,
        "refund.updated": .refund,
        "refund.failed": .refund,
        "charge.dispute.created": .dispute,
        "charge.dispute.updated": .dispute,
        "charge.dispute.closed": .dispute,
        "charge.dispute.funds_withdrawn": .dispute,
        "charge.dispute.funds_reinstated": .dispute,
        "radar.early_fraud_warning.created": .fraudWarning,
        "customer.updated": .customer,
        "customer.deleted": .customer,
        "payment_method.attached": .paymentMethod,
        "payment_method.detached": .paymentMethod,
        "payment_method.updated": .paymentMethod,
        "payment_method.automatically_updated": .paymentMethod,
        "setup_intent.succeeded": .setupIntent,
        "v1.billing.meter.error_report_triggered": .meterErrors,
    ]

    /// For the provider's list of what an endpoint is sent. Thin events (`v1.` before the name) come from an event
    /// destination, which is made in its dashboard.
    static var subscribed: [String] { wanted.keys.filter { !$0.hasPrefix("v1.") }.sorted() }
}
