import Storage
import Web

/// One step of the schedule, taken for one invoice.
enum DunningStep {
    /// How long a step waits for a charge whose outcome nobody knows: nothing is taken for what may be paid.
    private static let secondsOfPatience: Int64 = 60

    /// - Parameter now: the house's time; the step happens in the account's own.
    /// - Returns: the charge that it begins, which the outbox will make.
    static func take(
        _ invoiceID: Int64,
        _ app: App,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> ChargeAttempts.Attempt? {
        guard let row = try DunningRows.find(invoiceID, db) else { return nil }
        let time = try Accounts.time(of: row.accountID, at: now, db)
        guard let next = row.nextStepAt, next <= time else { return nil }
        guard let demand = try Demand.find(invoiceID, db), demand.isChargeable else {
            try Dunning.review(row.accountID, at: now, db)
            return nil
        }
        let schedule = try DunningSchedule.current(db)
        guard schedule.steps.indices.contains(row.step) else {
            try DunningRows.setStep(row.step, next: nil, of: invoiceID, db)
            return nil
        }
        guard try ChargeAttempts.underWay(row.accountID, invoiceID: invoiceID, db) == nil else {
            let later = time.adding(seconds: secondsOfPatience)
            try DunningRows.setStep(row.step, next: later, of: invoiceID, db)
            return nil
        }
        let following = schedule.time(of: row.step + 1, since: row.beganAt, due: demand.dueAt)
        try DunningRows.setStep(row.step + 1, next: following, of: invoiceID, db)
        let news = DunningNews(accountID: row.accountID, now: now)
        if demand.dueAt <= time, !row.toldOverdue {
            try DunningRows.setToldOverdue(invoiceID, db)
            try news.overdue(demand, db)
        }
        let actions = schedule.steps[row.step].do
        var attempt: ChargeAttempts.Attempt?
        if actions.contains(.charge), app.stripe != nil,
            let method = try PaymentMethods.preferred(of: row.accountID, db)
        {
            attempt = try Charges.begin(demand, method, at: now, db)
        }
        try takeAway(actions, demand, at: time, news, app.invoiceLinks, db)
        let asks = attempt == nil && (actions.contains(.charge) || actions.contains(.mail))
        if asks, !actions.contains(where: { $0.takes }) {
            try Subscriptions.setPastDue(row.accountID, at: time, db)
            let warning = try Dunning.nextTaking(of: demand, db)
            try DunningLetter.reminder(demand, warning, app.invoiceLinks).queue(to: row.accountID, at: now, db)
        }
        return attempt
    }

    private static func takeAway(
        _ actions: [DunningSchedule.Action],
        _ demand: Demand,
        at time: Timestamp,
        _ news: DunningNews,
        _ links: InvoiceLinks,
        _ db: borrowing Database
    ) throws {
        if actions.contains(.restrict) { try hold(.restricted, demand, news, links, db) }
        if actions.contains(.suspend) { try hold(.suspended, demand, news, links, db) }
        if actions.contains(.cancel) {
            try Subscriptions.cancelNow(demand.accountID, at: time, db)
            try news.canceled(demand, links, db)
        }
        if actions.contains(.writeOff) { try Invoices.writeOff(demand.invoiceID, at: time, db) }
    }

    private static func hold(
        _ restriction: DunningRows.Restriction,
        _ demand: Demand,
        _ news: DunningNews,
        _ links: InvoiceLinks,
        _ db: borrowing Database
    ) throws {
        let before = try DunningRows.restriction(of: demand.accountID, db)
        try DunningRows.setRestriction(restriction, of: demand.invoiceID, db)
        let after = try DunningRows.restriction(of: demand.accountID, db)
        guard before != after, let after else { return }
        try Accounts.setRestriction(after.rawValue, of: demand.accountID, db)
        try news.restricted(after, demand, links, db)
    }
}
