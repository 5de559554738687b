import Storage
import Web

/// Puts a recorded use right, whenever it was: it is voided, or counts another quantity.
///
/// Roll-ups, quotas and the ledger move by the difference at once. What no invoice says yet is rated anew with the next
/// one; what stands on an invoice is given back by a credit note, or asked for by a further invoice that names the
/// first.
struct UsageCorrection {
    let eventID: Int64
    let kind: UsageCorrections.Kind
    /// What the event is to count.
    let quantity: Int64
    let reason: String
    let madeBy: String
    /// As it is in the account.
    let now: Timestamp

    struct Outcome: Sendable {
        let accountID: Int64
        let quantity: Int64
        let cost: Dollars
        /// The note that puts an invoice right, where one was needed.
        let note: String?
    }

    /// In one transaction.
    /// - Throws: ``Failure`` 404 for an event that does not exist; 409 for one that was voided before, or counts that
    ///   already; 400 past what an account can use.
    func apply(_ db: borrowing Database) throws -> Outcome {
        guard let event = try UsageEvents.find(eventID, db) else { throw Failure.notFound("Usage event not found") }
        let before = try UsageCorrections.list(of: eventID, db)
        guard before.last?.kind != .void else {
            throw Failure.conflict("The event was voided before", code: "event_voided")
        }
        let counted = before.reduce(event.quantity) { $0 + $1.quantity }
        let difference = quantity - counted
        guard difference != 0 else { throw Failure.conflict("The event counts that already", code: "no_change") }
        let cost = Dollars(micros: difference * event.unitMicros)
        let isInvoiced = try UsageTotals.isInvoiced(event, db)
        let standings = isInvoiced ? try InvoiceLines.standing(of: event, db) : []
        let invoice = try standings.first.flatMap { $0.isVoid ? nil : try Invoices.find(id: $0.invoiceID, db) }
        try UsageRollups.correct(event, quantity: difference, cost: cost, db)
        try UsageTotals.correct(event, quantity: difference, cost: cost, isInvoiced: isInvoiced, db)
        var note: Invoices.Invoice?
        if let invoice {
            let correction = InvoiceCorrection(
                invoice: invoice,
                event: event,
                quantity: difference,
                reason: reason,
                now: now
            )
            note = try correction.issue(standings, db)
        } else {
            try charge(cost, to: event.accountID, db)
        }
        let correction = UsageCorrections.Correction(
            id: 0,
            kind: kind,
            quantity: difference,
            cost: cost,
            reason: reason,
            madeBy: madeBy,
            madeAt: now,
            isCharged: invoice == nil,
            invoiceID: standings.first?.invoiceID,
            noteID: note?.id
        )
        try UsageCorrections.insert(correction, of: eventID, account: event.accountID, db)
        return Outcome(accountID: event.accountID, quantity: quantity, cost: cost, note: note?.number)
    }

    /// The ledger's step between the rounded totals, as for any use; less used is less unbilled.
    private func charge(_ cost: Dollars, to accountID: Int64, _ db: borrowing Database) throws {
        guard cost.micros != 0 else { return }
        let used = Dollars(micros: try Accounts.usageMicros(of: accountID, db))
        let (total, overflows) = used.micros.addingReportingOverflow(cost.micros)
        guard !overflows, (0...UsageBatch.mostMicros).contains(total) else { throw UsageBatch.tooMuch }
        try Accounts.setUsage(micros: total, of: accountID, db)
        let step = Dollars(micros: total).cents - used.cents
        if step > .zero { _ = try Ledger.charge(step, to: accountID, at: now, db) }
        guard step < .zero else { return }
        let credit = try Ledger.takeBack(-step, from: accountID, at: now, db)
        _ = try CreditGrants.give(credit, kind: .note, name: "Use taken back", to: accountID, at: now, db)
    }
}
