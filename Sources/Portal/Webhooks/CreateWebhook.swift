import Crypto
import Web

/// `POST /api/v1/webhooks`: a server that wants to be told. The secret is shown here and never again.
///
/// A repeat with the same URL is 409 rather than a stored answer, which would hold the secret in plain.
struct CreateWebhook: Endpoint {
    struct Input: Codable, Sendable {
        let url: WebhookURL
        let events: EventPatterns?
        let description: Text<0, 200>?
        /// Only what happens to this app; absent: all that happens to the account.
        let appID: AppID?

        enum CodingKeys: String, CodingKey {
            case url, events, description
            case appID = "app_id"
        }
    }

    struct Made: Codable, Sendable {
        let id: String
        let appID: Nullable<Int64>
        let url: String
        let description: String
        let events: EventPatterns
        let status: WebhookEndpoints.Status
        let createdAt: Timestamp
        /// `whsec_…`, for the library of Standard Webhooks.
        let secret: String

        enum CodingKeys: String, CodingKey {
            case id, url, description, events, status, secret
            case appID = "app_id"
            case createdAt = "created_at"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<Made> {
        let accountID = try caller.requireHolder().accountID
        try input.url.check(app.webhooks.policy)
        let id = "whk_\(try Random.base62(20))"
        let secret = try WebhookSecret.generate(app.random)
        let sealed = try secret.sealed(for: id, under: app.webhooks.sealingKey)
        let now = app.now()
        let endpoint = try await app.store.write { db in
            if let appID = input.appID?.value, try !Apps.has(appID, account: accountID, db) {
                throw Failure.notFound("App not found")
            }
            let endpoint = try WebhookEndpoints.insert(
                id,
                accountID: accountID,
                appID: input.appID?.value,
                url: input.url.value,
                description: input.description?.value ?? "",
                events: input.events ?? .all,
                secret: sealed,
                at: now,
                db
            )
            let url = JSONValue.Member("url", .string(endpoint.url))
            try Audit.record(
                .webhookCreated,
                by: caller,
                account: accountID,
                target: "webhook:\(id)",
                detail: [url],
                at: now,
                db
            )
            return endpoint
        }
        return Created(
            Made(
                id: id,
                appID: Nullable(endpoint.appID),
                url: endpoint.url,
                description: endpoint.description,
                events: endpoint.events,
                status: endpoint.status,
                createdAt: now,
                secret: secret.text
            )
        )
    }
}
