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
    let failingSince: Nullable<PreciseTime>
    let createdAt: PreciseTime

    struct AppName: Codable, Sendable {
        let id: String
        let name: String

        /// Of one that may have been deleted since, too.
        init(_ id: Int64, _ db: borrowing Database) throws {
            let found = try Apps.named(id: id, db)
            (self.id, name) = (found?.publicID ?? "", found?.name ?? "")
        }

        /// Of what happened to no app.
        init(account name: String) {
            (id, self.name) = ("", name)
        }
    }

    init(_ view: WebhookView, _ db: borrowing Database) throws {
        (id, url, description, events) = (view.id, view.url, view.description, view.events)
        let app = try view.appID.value.map { try AppName($0, db) }
        (appId, self.app) = (Nullable(app?.id), Nullable(app))
        (isActive, disabledReason) = (view.status == .active, view.disabledReason)
        failingSince = Nullable(view.failingSince.value.map(PreciseTime.init))
        createdAt = PreciseTime(view.createdAt)
    }

    struct Shown: JSONOutput {
        let webhook: PartnerWebhook
    }
}
