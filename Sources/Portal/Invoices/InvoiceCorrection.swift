import Storage
import Web

/// Moves an invoice by what a correction of one of its uses changes of its lines: a credit note gives back what was
/// too much, a further invoice asks for what was too little.
struct InvoiceCorrection {
    let invoice: Invoices.Invoice
    let event: EventDigest.Event
    /// What the event counts more, or less where negative.
    let quantity: Int64
    let reason: String
    let now: Timestamp

    /// - Parameter standings: where the event stands on that invoice.
    /// - Returns: nil where no line changes by a minor unit.
    func issue(_ standings: [InvoiceLines.Standing], _ db: borrowing Database) throws -> Invoices.Invoice? {
        var taken: [CreditNotes.Line] = []
        var asked: [DraftLine] = []
        for standing in standings {
            let (before, after) = try amounts(of: standing, db)
            if after < before {
                taken += try give(before - after, of: standing, db)
            } else if after > before {
                asked.append(line(after - before, of: standing))
            }
        }
        // One event, more or less of it: all lines go the same way, but for tiers that overlap; those net out.
        if !taken.isEmpty { return try note(taken, db) }
        guard !asked.isEmpty else { return nil }
        var draft = InvoiceDraft(
            of: invoice.accountID,
            in: invoice.currency,
            reason: .correction,
            description: "Correction of \(invoice.number ?? "")"
        )
        (draft.correctsID, draft.subscriptionID, draft.memo) = (invoice.id, invoice.subscriptionID, reason)
        draft.add(asked)
        return try Invoices.finalize(draft, at: now, db)
    }

    /// A credit note of what is left of the invoice. What credit had paid of its use before it was made out was never
    /// asked for by it, and becomes credit again.
    private func note(_ taken: [CreditNotes.Line], _ db: borrowing Database) throws -> Invoices.Invoice? {
        var left = try CreditNotes.left(of: invoice, db)
        var noted: [CreditNotes.Line] = []
        var rest = Cents.zero
        for line in taken {
            let part = min(line.amount, max(.zero, left))
            if part > .zero { noted.append(CreditNotes.Line(position: line.position, amount: part)) }
            (left, rest) = (left - part, rest + (line.amount - part))
        }
        if rest > .zero {
            let entry = Ledger.Entry(
                accountID: invoice.accountID,
                debit: .revenue,
                credit: .credit,
                amount: rest,
                reason: "correction",
                postedAt: now,
                currency: invoice.currency.code
            )
            try Ledger.post(entry, db)
            let name = "Use on \(invoice.number ?? "") taken back"
            _ = try CreditGrants.give(rest, kind: .note, name: name, to: invoice.accountID, at: now, db)
        }
        guard !noted.isEmpty else { return nil }
        return try CreditNotes.issue(invoice.id, .lines(noted), reason: reason, at: now, db)
    }

    /// What the lines come to with what was put right so far, and with this correction too, in minor units.
    private func amounts(
        of standing: InvoiceLines.Standing,
        _ db: borrowing Database
    ) throws -> (before: Int64, after: Int64) {
        let count = try LineRecount(standing.lines[0].line, on: invoice, db)
        let noted = try count.corrections(notedOn: invoice.id, db)
        let before = try count.adding(noted)
        let change = UsageCorrections.Difference(
            quantity: quantity,
            micros: try quantity.times(event.unitMicros)
        )
        return (
            try before.amount(of: standing.lines.map(\.line), db),
            try before.adding(change).amount(of: standing.lines.map(\.line), db)
        )
    }

    /// So much of the lines' amounts, with the discounts and taxes on it, from the last line to the first.
    private func give(
        _ amount: Int64,
        of standing: InvoiceLines.Standing,
        _ db: borrowing Database
    ) throws -> [CreditNotes.Line] {
        let amounts = try standing.lines.reduce(Int64(0)) { try $0.plus($1.line.amount.value) }
        let totals = try standing.lines.reduce(Int64(0)) { try $0.plus($1.line.total.value) }
        guard amounts > 0 else { return [] }
        var rest = try Rounding.nearest(
            Int128(totals) * Int128(amount),
            over: Int128(amounts),
            step: invoice.currency.step
        )
        let credited = try InvoiceLines.credited(invoice.id, db)
        var given: [CreditNotes.Line] = []
        for (position, line) in standing.lines.reversed() where rest > 0 {
            let before = credited.first { $0.position == position }?.total ?? .zero
            let part = min(rest, max(0, (line.total - before).value))
            guard part > 0 else { continue }
            given.append(CreditNotes.Line(position: position, amount: Cents(part)))
            rest -= part
        }
        return given
    }

    private func line(_ amount: Int64, of standing: InvoiceLines.Standing) -> DraftLine {
        let first = standing.lines[0].line
        var line = DraftLine(
            .correction,
            "Correction of \(event.backend), \(event.meter)",
            Money(amount, invoice.currency),
            quantity: quantity,
            postedAs: .revenue
        )
        (line.meter, line.backend, line.planPriceID) = (first.meter, first.backend, nil)
        return line
    }
}
