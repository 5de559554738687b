import Storage
import Web

/// How far an account has come with the partner program.
struct Onboarding: JSONOutput {
    struct Steps: Codable, Sendable {
        /// By the one who asks, of their own address.
        let emailVerified: Bool
        let appCreated: Bool
        let campaignCreated: Bool
        /// By a key of the account.
        let firstCall: Bool
        let webhookConfigured: Bool

        fileprivate var done: Int64 {
            [emailVerified, appCreated, campaignCreated, firstCall, webhookConfigured].reduce(0) { $0 + ($1 ? 1 : 0) }
        }
    }

    /// Somebody has said that it is done, whatever the steps say.
    let completed: Bool
    let completedAt: Nullable<PreciseTime>
    let steps: Steps
    let completedSteps: Int64
    let totalSteps: Int64

    init(of holder: Caller.Holder, at now: Timestamp, in app: App, _ db: borrowing Database) throws {
        let id = holder.accountID
        let calls = try app.calls.used(.account(id), ofAccount: id, in: now.month, at: now, db)
        let endedAt = try Accounts.onboardedAt(id, db)
        completed = endedAt != nil
        completedAt = Nullable(endedAt.map { PreciseTime($0) })
        steps = Steps(
            emailVerified: holder.profile.isVerified,
            appCreated: try Apps.count(of: id, db) > 0,
            campaignCreated: try Campaigns.isAny(ofAccount: id, db),
            firstCall: try calls > 0 || CallMonths.isAny(of: id, db),
            webhookConfigured: try !WebhookEndpoints.list(of: id, db).isEmpty
        )
        (completedSteps, totalSteps) = (steps.done, 5)
    }
}

/// `GET /api/partner/onboarding-status`.
struct ShowOnboarding: Endpoint {
    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Onboarding {
        let (holder, now) = (try caller.requireHolder(), app.now())
        return try app.store.read { db in try Onboarding(of: holder, at: now, in: app, db) }
    }
}

/// `POST /api/partner/complete-onboarding`: the pages that lead through the first steps are not shown again.
struct CompleteOnboarding: Endpoint {
    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Success {
        let (accountID, now) = (try caller.requireHolder().accountID, app.now())
        try await app.store.write { db in try Accounts.setOnboarded(accountID, at: now, db) }
        return Success()
    }
}
