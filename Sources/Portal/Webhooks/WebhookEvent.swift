import Web

/// Something that customers' servers can be told of, with the shape of what is told: `noun.verb` in the past.
struct WebhookEvent<Payload: Codable & Sendable>: Sendable {
    let name: String
    let about: String
    /// Of the payload's shape: one more when a member goes or means something else. New members alone change nothing.
    let version: Int

    init(_ name: String, _ about: String, version: Int = 1) {
        (self.name, self.about, self.version) = (name, about, version)
    }
}

extension WebhookEvent where Payload == KeyPayload {
    static var keyCreated: Self { .init("key.created", "An API key was made.") }
    static var keyRevoked: Self { .init("key.revoked", "An API key was revoked; it is refused from now on.") }
}

extension WebhookEvent where Payload == KeyRotationPayload {
    static var keyRotated: Self { .init("key.rotated", "An API key was replaced; the old one works a while longer.") }
}

extension WebhookEvent where Payload == KeyLeakPayload {
    static var keyLeaked: Self { .init("key.leaked", "An API key was found in public and revoked.") }
}

extension WebhookEvent where Payload == UsagePayload {
    static var usageThreshold: Self { .init("usage.threshold", "This month's usage has passed a step of its limit.") }
    static var usageResolved: Self { .init("usage.resolved", "This month's usage is below the first step again.") }
}

extension WebhookEvent where Payload == BudgetPayload {
    static var budgetReached: Self { .init("budget.reached", "This month's bill has passed a step of the budget.") }
}

extension WebhookEvent where Payload == TicketPayload {
    static var ticketCreated: Self { .init("ticket.created", "A support ticket was opened.") }
}

extension WebhookEvent where Payload == InvoicePayload {
    static var invoiceCreated: Self { .init("invoice.created", "An invoice was issued.") }
    static var invoiceFinalized: Self { .init("invoice.finalized", "An invoice has its number and never changes.") }
    static var invoicePaid: Self { .init("invoice.paid", "Nothing is owed by an invoice any more.") }
    static var invoiceVoided: Self { .init("invoice.voided", "An invoice was taken back.") }
    static var creditNoteIssued: Self { .init("credit_note.issued", "An invoice asked for too much, and less now.") }
    static var creditNoteVoided: Self {
        .init("credit_note.voided", "A refund did not arrive, and the credit note for it was taken back.")
    }
}

extension WebhookEvent where Payload == PaymentPayload {
    static var paymentReceived: Self { .init("payment.received", "A payment has arrived.") }
}

extension WebhookEvent where Payload == RefundPayload {
    static var paymentRefunded: Self { .init("payment.refunded", "Of a payment more or less has gone back.") }
}

extension WebhookEvent where Payload == DisputePayload {
    static var paymentDisputed: Self {
        .init("payment.disputed", "A payer has disputed a payment at the bank, or that dispute has ended.")
    }
}

extension WebhookEvent where Payload == PaymentFailurePayload {
    static var paymentFailed: Self { .init("payment.failed", "A saved card could not be charged.") }
}

extension WebhookEvent where Payload == OverduePayload {
    static var invoiceOverdue: Self { .init("invoice.overdue", "An invoice is past its due date and unpaid.") }
}

extension WebhookEvent where Payload == RestrictionPayload {
    static var accountRestricted: Self {
        .init("account.restricted", "An unpaid invoice has restricted or suspended the account.")
    }
    static var accountRecovered: Self { .init("account.recovered", "What an unpaid invoice took was given back.") }
}

extension WebhookEvent where Payload == TestPayload {
    static var test: Self { .init("webhook.test", "Sent on request to one endpoint, whatever events it chose.") }
}

/// Every event, once: what endpoints may choose from, and what the API's document describes.
enum WebhookEvents {
    static let all: [OutgoingEvent] = [
        entry(.keyCreated), entry(.keyRevoked), entry(.keyRotated), entry(.keyLeaked),
        entry(.usageThreshold), entry(.usageResolved), entry(.budgetReached),
        entry(.subscriptionCreated), entry(.subscriptionUpdated), entry(.subscriptionCanceled),
        entry(.ticketCreated), entry(.invoiceCreated), entry(.paymentReceived), entry(.paymentRefunded),
        entry(.paymentDisputed), entry(.test),
        entry(.invoiceFinalized), entry(.invoicePaid), entry(.invoiceVoided), entry(.creditNoteIssued),
        entry(.creditNoteVoided),
        entry(.creditGranted), entry(.creditExpired), entry(.creditLow),
        entry(.paymentFailed), entry(.invoiceOverdue), entry(.accountRestricted), entry(.accountRecovered),
        entry(.referralCreated), entry(.referralClicked), entry(.referralConverted),
        entry(.rewardCreated), entry(.rewardClaimed), entry(.rewardRedeemed), entry(.usageLimitExceeded),
    ]

    private static func entry<Payload>(_ event: WebhookEvent<Payload>) -> OutgoingEvent {
        OutgoingEvent(
            name: event.name,
            about: event.about,
            version: event.version,
            body: .probing(WebhookBody<Payload>.self)
        )
    }
}
