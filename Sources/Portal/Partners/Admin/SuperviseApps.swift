import Storage
import Web

/// An app as operators see it.
struct SupervisedApp: JSONOutput {
    let id: String
    let name: String
    let status: CustomerApp.Status
    /// Its own, beside the plan's; null: none.
    let monthlyLimit: Nullable<Int64>
    /// Of this month.
    let apiCalls: Int64
    let partner: ShowProgramBilling.Partner
    let createdAt: PreciseTime
    let updatedAt: PreciseTime

    init(_ it: CustomerApp, at now: Timestamp, in app: App, _ db: borrowing Database) throws {
        (id, name, status, monthlyLimit) = (it.publicID, it.name, it.status, Nullable(it.monthlyLimit))
        apiCalls = try app.calls.used(.app(it.id), ofAccount: it.accountID, in: now.month, at: now, db)
        partner = .init(id: "\(it.accountID)", name: try Accounts.find(it.accountID, db)?.name ?? "")
        (createdAt, updatedAt) = (PreciseTime(it.createdAt), PreciseTime(it.updatedAt))
    }
}

/// `GET /api/admin/apps`: of all accounts, newest first.
struct ListSupervisedApps: Endpoint {
    struct Input: Codable, Sendable {
        /// A part of the app's or the account's name.
        let search: Text<0, 120>?
        let limit: Whole<1, 200>?
        /// `nextCursor` of the page before.
        let cursor: Int64?
    }

    struct Answer: JSONOutput {
        let apps: [SupervisedApp]
        /// Null on the last page.
        let nextCursor: Nullable<Int64>
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let now = app.now()
        let (limit, search, before) = (input.limit?.value ?? 50, input.search?.value ?? "", input.cursor ?? .max)
        return try await LongRead.run(app.store) { db in
            // One more than is shown tells whether there is another page.
            let found = try PartnerReport.apps(before: before, search: search, limit: limit + 1, db)
            let shown = found.prefix(Int(limit))
            return Answer(
                apps: try shown.compactMap { owned in
                    try Apps.find(id: owned, db).map { try SupervisedApp($0, at: now, in: app, db) }
                },
                nextCursor: Nullable(found.count > shown.count ? shown.last : nil)
            )
        }
    }
}

/// `PATCH /api/admin/apps`: suspends an app, lets it go on, or limits its calls. It holds from the next call on.
struct SuperviseApp: Endpoint {
    struct Input: Codable, Sendable {
        let appId: Text<1, 64>
        let status: CustomerApp.Status?
        /// Calls a month; null takes the limit away.
        let monthlyLimit: Change<AppMonthlyLimit>
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> SupervisedApp {
        let now = app.now()
        return try await app.commit(by: caller) { db in
            guard let found = try Apps.find(input.appId.value, db) else { throw Failure.notFound("App not found") }
            if let status = input.status, status != found.status {
                try Apps.setStatus(status, of: found.id, at: now, db)
                try found.record(status == .suspended ? .appSuspended : .appResumed, by: caller, at: now, db)
            }
            var terms = found.terms
            input.monthlyLimit.change(&terms.monthlyLimit) { $0?.value }
            if terms.monthlyLimit != found.monthlyLimit {
                try Apps.update(found.id, terms, at: now, db)
                try found.record(.appChanged, by: caller, at: now, db)
            }
            return try SupervisedApp(try Apps.find(id: found.id, db) ?? found, at: now, in: app, db)
        }
    }
}
