import Storage
import Web

/// Tells an account, its servers and the audit log what was taken and given back.
struct DunningNews {
    let accountID: Int64
    /// The house's time: mails and deliveries wait by it.
    let now: Timestamp

    func overdue(_ demand: Demand, _ db: borrowing Database) throws {
        let told = OverduePayload(
            invoiceID: demand.invoiceID,
            number: demand.number,
            amount: demand.amount,
            currency: demand.currency.code,
            dueAt: demand.dueAt
        )
        try Webhooks.publish(.invoiceOverdue, account: accountID, data: told, at: now, db)
        let message = "\(demand.text) is still owed on invoice \(demand.number)."
        try Notifications.add(.invoiceOverdue, "An invoice is overdue", message, account: accountID, at: now, db)
    }

    func restricted(
        _ restriction: DunningRows.Restriction,
        _ demand: Demand,
        _ links: InvoiceLinks,
        _ db: borrowing Database
    ) throws {
        let told = RestrictionPayload(restriction: Nullable(restriction.rawValue), invoice: Nullable(demand.number))
        try Webhooks.publish(.accountRestricted, account: accountID, data: told, at: now, db)
        try record(.accountRestricted, restriction, demand.number, db)
        let letter = DunningLetter.held(restriction, demand, links)
        try letter.queue(to: accountID, at: now, db)
    }

    func canceled(_ demand: Demand, _ links: InvoiceLinks, _ db: borrowing Database) throws {
        try DunningLetter.canceled(demand, links).queue(to: accountID, at: now, db)
    }

    func restrictionLifted(
        _ before: DunningRows.Restriction?,
        _ after: DunningRows.Restriction?,
        _ db: borrowing Database
    ) throws {
        let told = RestrictionPayload(restriction: Nullable(after?.rawValue), invoice: Nullable(nil))
        try Webhooks.publish(.accountRecovered, account: accountID, data: told, at: now, db)
        try record(.accountRecovered, after, nil, db)
        if after == nil { try DunningLetter.recovered().queue(to: accountID, at: now, db) }
    }

    private func record(
        _ action: Audit.Action,
        _ restriction: DunningRows.Restriction?,
        _ number: String?,
        _ db: borrowing Database
    ) throws {
        try Audit.record(
            action,
            byItself: "system",
            account: accountID,
            target: "account:\(accountID)",
            detail: [
                .init("restriction", restriction.map { .string($0.rawValue) } ?? .null),
                .init("invoice", number.map { .string($0) } ?? .null),
            ],
            at: now,
            db
        )
    }
}
