import Web

/// An endpoint as its account sees it: without its secret.
struct WebhookView: JSONOutput {
    let id: String
    /// Whose events it hears; null: all of the account.
    let appID: Nullable<Int64>
    let url: String
    let description: String
    let events: EventPatterns
    let status: WebhookEndpoints.Status
    let disabledReason: Nullable<WebhookEndpoints.Reason>
    /// The first failure since the last success.
    let failingSince: Nullable<Timestamp>
    let createdAt: Timestamp

    enum CodingKeys: String, CodingKey {
        case id, url, description, events, status
        case appID = "app_id"
        case disabledReason = "disabled_reason"
        case failingSince = "failing_since"
        case createdAt = "created_at"
    }

    init(_ endpoint: WebhookEndpoints.Endpoint) {
        (id, url, description) = (endpoint.publicID, endpoint.url, endpoint.description)
        (events, status, disabledReason) = (endpoint.events, endpoint.status, Nullable(endpoint.reason))
        appID = Nullable(endpoint.appID)
        (failingSince, createdAt) = (Nullable(endpoint.failingSince), endpoint.createdAt)
    }
}

/// The path's part of what endpoints about one webhook take.
struct WebhookInput: Codable, Sendable {
    let id: Text<1, 64>
}
