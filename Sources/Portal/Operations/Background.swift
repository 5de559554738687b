import FastCGI
import Storage

/// What happens by itself: counts are written, what is due is sent, what has expired is removed.
struct Background: Sendable {
    let app: App
    let table: RouteTable

    /// Runs until cancelled, a turn a second.
    func run() async {
        var turn = 0
        while !Task.isCancelled {
            await attempt("writing request counts") { try await app.requests.flush(to: app.store, table) }
            await attempt("writing counts of calls") { try await app.calls.flush(app) }
            await attempt("writing the log of apps' calls") { try await app.appRequests.flush(to: app.store) }
            app.outbox.wake()
            app.stripeInbox.wake()
            await attempt("going after unpaid invoices") { try await Dunning.run(app) }
            await attempt("ending credit that has expired") { try await expireCredit() }
            await attempt("looking for credit that runs low") { try await LowCredit.review(app) }
            await attempt("letting rewards become due") { try await RewardClock.run(app) }
            if turn % LastSeen.secondsBetweenWrites == 0 {
                await attempt("writing when keys were used") { try await app.keysSeen.flush(to: app.store) }
                await attempt("writing who was here") { try await app.sessionsSeen.flush(to: app.store) }
            }
            if turn % 60 == 59 {
                await attempt("billing") { try await BillingRun.run(app) }
                await attempt("reviewing alerts") { try await UsageAlerts.reviewOpen(in: app.store, at: app.now()) }
            }
            if turn % 60 == 30 {
                await attempt("adding up the ledger by month") { try await LedgerMonths.catchUp(app.store) }
                await attempt("going after test accounts' unpaid invoices") { try await Dunning.runTestClocks(app) }
            }
            if turn % 3600 == 60 {
                await attempt("telling of cards that expire") { try await CardExpiry.tell(app) }
            }
            if turn % 3600 == 0 {
                await attempt("removing what has expired") { try await removeExpired() }
            }
            turn += 1
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func expireCredit() async throws {
        let now = app.now()
        while try app.store.read({ db in try CreditGrants.hasDue(at: now, db) }) {
            try await app.store.write { db in try CreditGrants.expireDue(at: now, db) }
        }
    }

    private func removeExpired() async throws {
        let now = app.now()
        let settings = app.settings
        try await app.store.write { db in
            try IdempotencyKeys.deleteExpired(at: now, db)
            try Sessions.deleteExpired(at: now, settings, db)
            try SingleUseTokens.deleteExpired(at: now, db)
            try SignInFailures.deleteForgotten(at: now, db)
            try Invitations.deleteExpired(at: now, db)
        }
        while try await app.store.write({ db in try Webhooks.deleteOld(at: now, db) }) {}
        try await Webhooks.deleteExcess(in: app.store)
        while try await app.store.write({ db in try Notifications.deleteOld(at: now, db) }) {}
        while try await app.store.write({ db in try StripeEvents.deleteOld(at: now, db) }) {}
        while try await app.store.write({ db in try AppRequests.deleteOld(at: now, db) }) {}
        let store = app.store
        try await OwnThread.run(named: "purser-optimize") { try store.optimize() }
    }

    private func attempt(_ what: String, _ work: () async throws -> Void) async {
        do {
            try await work()
        } catch {
            app.log.warning("\(what) failed, and will be tried again", metadata: ["error": "\(error)"])
        }
    }
}
