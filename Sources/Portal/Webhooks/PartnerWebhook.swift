import Storage
import Web

/// An endpoint as the partner dashboard reads it: without its secret.
struct PartnerWebhook: Codable, Sendable {
    let id: String
    /// Null: it hears of all apps, and of the account.
    let appId: Nullable<String>
    let app: Nullable<AppName>
    let url: String
    let description: String
    let events: EventPatterns
    let isActive: Bool
    let disabledReason: Nullable<WebhookEndpoints.Reason>
    /// The first failure since the last success.
    let failingSince: Nullable<Timestamp>
    let createdAt: Timestamp

    struct AppName: Codable, Sendable {
        let id: String
        let name: String
    }

    /// - Parameter apps: the account's, by id.
    init(_ view: WebhookView, _ apps: [Int64: String]) {
        (id, url, description, events) = (view.id, view.url, view.description, view.events)
        appId = Nullable(view.appID.value.map { "\($0)" })
        app = Nullable(view.appID.value.map { AppName(id: "\($0)", name: apps[$0] ?? "") })
        (isActive, disabledReason) = (view.status == .active, view.disabledReason)
        (failingSince, createdAt) = (view.failingSince, view.createdAt)
    }

    struct Shown: JSONOutput {
        let webhook: PartnerWebhook
    }

    /// - Throws: ``Failure`` 404 for an id of no app of the account.
    static func app(_ id: String, of accountID: Int64, _ db: borrowing Database) throws -> AppID {
        guard let app = Int64(id).flatMap({ AppID($0) }), try Apps.has(app.value, account: accountID, db) else {
            throw Failure.notFound("App not found")
        }
        return app
    }
}
