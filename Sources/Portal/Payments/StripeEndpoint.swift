import Crypto
import Web

/// The webhook endpoint at the provider that sends us events: exactly those of ``StripeEventTypes``.
enum StripeEndpoint {
    /// Finds the endpoint of our address or makes it, and sets what it is sent.
    /// - Returns: its id, and its secret when it was made.
    static func subscribe(_ stripe: StripeClient, _ app: App) async throws -> (id: String, secret: String?) {
        let url = "\(app.settings.publicURL)/webhooks/stripe"
        let events = StripeEventTypes.subscribed.enumerated().map { ("enabled_events[\($0.offset)]", $0.element) }
        let endpoints = try await stripe.list("/v1/webhook_endpoints", [])
        if let found = endpoints.first(where: { $0["url"]?.string == url })?["id"]?.string {
            let key = Hex.encode(try app.random(16))
            _ = try await stripe.post("/v1/webhook_endpoints/\(found)", events, idempotencyKey: key)
            return (found, nil)
        }
        let form = [("url", url), ("api_version", StripeClient.version)] + events
        // Set up twice at once, it is made once.
        let key = "setup-webhook-" + Hex.encode(SHA256.digest(Array(PercentCoding.encode(form).utf8))).prefix(32)
        let made = try await stripe.post("/v1/webhook_endpoints", form, idempotencyKey: key)
        return (try made.requireID(), made["secret"]?.string)
    }
}
