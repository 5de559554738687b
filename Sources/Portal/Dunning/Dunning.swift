import Storage
import Web

/// Goes after unpaid invoices by the operator's schedule, and gives back what it took once they are paid.
enum Dunning {
    /// When an invoice is made out, in that transaction: accounts with a card are charged from that moment on, others
    /// are asked from the due date on.
    ///
    /// Not for less than can be charged: nobody loses an account for cents that no card can pay. They stay owed, and
    /// the next payment takes them along.
    ///
    /// Not where an invoice is owed again after a refund or a lost dispute: nobody's card is charged by itself for what
    /// was given back.
    /// - Parameter time: the account's own.
    static func begin(_ invoiceID: Int64, _ accountID: Int64, at time: Timestamp, _ db: borrowing Database) throws {
        guard let demand = try Demand.find(invoiceID, db), demand.isChargeable else { return }
        let hasCard = try PaymentMethods.preferred(of: accountID, db) != nil
        let begun = hasCard ? time : max(time, demand.dueAt)
        let next = try DunningSchedule.current(db).time(of: 0, since: begun, due: demand.dueAt)
        try DunningRows.begin(invoiceID, accountID, since: begun, next: next, db)
    }

    /// After anything that may have settled an account's invoices, in its transaction: ends what is no longer owed, or
    /// too little to be charged, and lifts what was taken for it.
    static func review(_ accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        let time = try Accounts.time(of: accountID, at: now, db)
        let rows = try DunningRows.list(of: accountID, db)
        var left = rows.count
        for row in rows where try Demand.find(row.invoiceID, db)?.isChargeable != true {
            try DunningRows.end(row.invoiceID, at: time, db)
            left -= 1
        }
        guard left < rows.count else { return }
        if left == 0 { try Subscriptions.recovered(accountID, at: time, db) }
        let before = rows.compactMap(\.restriction).max()
        let after = try DunningRows.restriction(of: accountID, db)
        guard before != after else { return }
        try Accounts.setRestriction(after?.rawValue, of: accountID, db)
        try DunningNews(accountID: accountID, now: now).restrictionLifted(before, after, db)
    }

    /// A charge of an invoice failed.
    static func noteFailure(
        _ invoiceID: Int64,
        _ accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        guard try DunningRows.find(invoiceID, db) != nil else { return }
        try Subscriptions.setPastDue(accountID, at: try Accounts.time(of: accountID, at: now, db), db)
    }

    /// When and how the account will next lose something because of an invoice; nil: by no step that is left.
    static func nextTaking(of demand: Demand, _ db: borrowing Database) throws -> DunningWarning? {
        guard let row = try DunningRows.find(demand.invoiceID, db) else { return nil }
        let schedule = try DunningSchedule.current(db)
        guard let index = schedule.steps.indices.first(where: { $0 >= row.step && schedule.steps[$0].takes }),
            let time = schedule.time(of: index, since: row.beganAt, due: demand.dueAt)
        else { return nil }
        return DunningWarning(day: time.day, actions: schedule.steps[index].do, isNext: index == row.step)
    }

    private static let slice = 50

    /// Takes the steps that are due, some accounts in a transaction: every second, for those in the house's time.
    static func run(_ app: App) async throws {
        while true {
            let now = app.now()
            let due = try app.store.read { db in try DunningRows.due(at: now, limit: slice, db) }
            guard !due.isEmpty else { return }
            try await app.store.write { db in
                for invoiceID in due { _ = try DunningStep.take(invoiceID, app, at: now, db) }
            }
            app.outbox.wake()
            if due.count < slice { return }
        }
    }

    /// Takes an account's steps one after another, in its own time, and waits for what comes of each charge: whenever
    /// its test clock has moved.
    static func run(_ accountID: Int64, _ app: App) async throws {
        while true {
            let now = app.now()
            let attempts = try await app.store.write { db -> [ChargeAttempts.Attempt]? in
                let time = try Accounts.time(of: accountID, at: now, db)
                let due = try DunningRows.due(of: accountID, at: time, db)
                guard !due.isEmpty else { return nil }
                return try due.compactMap { try DunningStep.take($0, app, at: now, db) }
            }
            guard let attempts else { return }
            for attempt in attempts { try await Charges.finish(attempt, in: app) }
        }
    }

    /// The same for all accounts that have a clock of their own.
    static func runTestClocks(_ app: App) async throws {
        for accountID in try app.store.read({ db in try DunningRows.dueOnTestClocks(db) }) {
            try await run(accountID, app)
        }
    }
}

/// What an account will lose next, and when.
struct DunningWarning: Sendable {
    let day: Day
    let actions: [DunningSchedule.Action]
    /// Nothing but the passing of time is before it.
    let isNext: Bool
}
