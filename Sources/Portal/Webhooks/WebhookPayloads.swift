import Web

/// What is posted: `type` is Standard Webhooks' name, `event` that of older receivers; both hold the same.
struct WebhookBody<Payload: Codable & Sendable>: Codable, Sendable {
    let type: String
    let event: String
    /// Of the shape of `data`, as the API's document tells for each event.
    let version: Int
    /// When it happened, not when it was sent.
    let timestamp: Timestamp
    let data: Payload
}

struct KeyPayload: Codable, Sendable {
    let keyID: String
    /// As lists show it: `bioql_...a1b2`.
    let keyHint: String
    let label: String

    enum CodingKeys: String, CodingKey {
        case label
        case keyID = "key_id"
        case keyHint = "key_hint"
    }
}

struct KeyRotationPayload: Codable, Sendable {
    /// The new key.
    let keyID: String
    let keyHint: String
    let label: String
    let replacedKeyID: String
    let replacedWorksUntil: Timestamp

    enum CodingKeys: String, CodingKey {
        case label
        case keyID = "key_id"
        case keyHint = "key_hint"
        case replacedKeyID = "replaced_key_id"
        case replacedWorksUntil = "replaced_works_until"
    }
}

struct KeyLeakPayload: Codable, Sendable {
    let keyID: String
    let keyHint: String
    let label: String
    /// `github`, or `shell`.
    let finder: String
    /// Where it was found, in the finder's words.
    let place: String

    enum CodingKeys: String, CodingKey {
        case label, finder, place
        case keyID = "key_id"
        case keyHint = "key_hint"
    }
}

struct UsagePayload: Codable, Sendable {
    /// As `2026-01`.
    let month: String
    let meter: String
    /// The step that was passed, of the limit.
    let percent: Int64
    let used: Int64
    let limit: Int64
}

struct BudgetPayload: Codable, Sendable {
    let month: String
    /// The step that was passed, of the budget.
    let percent: Int64
    let spent: Dollars
    let budget: Dollars
    /// Whether further use is refused.
    let stops: Bool
}

struct TicketPayload: Codable, Sendable {
    let ticketID: String
    let priority: Tickets.Priority
    let subject: String
    let answerDueAt: Timestamp

    enum CodingKeys: String, CodingKey {
        case priority, subject
        case ticketID = "ticket_id"
        case answerDueAt = "answer_due_at"
    }
}

struct InvoicePayload: Codable, Sendable {
    let invoiceID: Int64
    let number: String
    let amount: Amount
    let currency: String
    let issuedAt: Timestamp
    let dueAt: Timestamp

    enum CodingKeys: String, CodingKey {
        case number, amount, currency
        case invoiceID = "invoice_id"
        case issuedAt = "issued_at"
        case dueAt = "due_at"
    }
}

struct PaymentPayload: Codable, Sendable {
    /// The provider's.
    let paymentID: String
    let amount: Amount
    let currency: String

    enum CodingKeys: String, CodingKey {
        case amount, currency
        case paymentID = "payment_id"
    }
}

struct RefundPayload: Codable, Sendable {
    /// The provider's.
    let paymentID: String
    /// Negative: a refund has failed, and the money is back.
    let amount: Amount
    /// In all.
    let refunded: Amount
    let currency: String

    enum CodingKeys: String, CodingKey {
        case amount, refunded, currency
        case paymentID = "payment_id"
    }
}

struct DisputePayload: Codable, Sendable {
    /// The provider's.
    let disputeID: String
    let paymentID: String
    /// `needs_response`, `under_review`, `won`, `lost` and so on, as the provider says.
    let status: String
    /// As `fraudulent`.
    let reason: String
    let amount: Amount
    let currency: String

    enum CodingKeys: String, CodingKey {
        case status, reason, amount, currency
        case disputeID = "dispute_id"
        case paymentID = "payment_id"
    }
}

struct PaymentFailurePayload: Codable, Sendable {
    let amount: Amount
    let currency: String
    /// The bank's, such as `insufficient_funds`; `authentication_required` where it wants its customer to confirm.
    let code: String
    let reason: String
    /// Null for a top-up.
    let invoice: Nullable<String>
    /// The provider's; null where it made none.
    let paymentID: Nullable<String>

    enum CodingKeys: String, CodingKey {
        case amount, currency, code, reason, invoice
        case paymentID = "payment_id"
    }
}

struct OverduePayload: Codable, Sendable {
    let invoiceID: Int64
    let number: String
    /// What is still owed.
    let amount: Amount
    let currency: String
    let dueAt: Timestamp

    enum CodingKeys: String, CodingKey {
        case number, amount, currency
        case invoiceID = "invoice_id"
        case dueAt = "due_at"
    }
}

struct RestrictionPayload: Codable, Sendable {
    /// `restricted` or `suspended`; null: none is left.
    let restriction: Nullable<String>
    /// The invoice that it is for, where it begins.
    let invoice: Nullable<String>
}

struct TestPayload: Codable, Sendable {
    let message: String
}
