import Storage

extension Invoices {
    /// What an invoice would say of recorded use now: by meter, backend and price what was recorded since the last one,
    /// less what credit and payments covered already.
    ///
    /// A plan's lines and its period are added by whoever knows the plan (``InvoiceDraft/add(_:)``).
    /// - Parameter reason: at the threshold only what has a price of its own is taken; the rest belongs to the plan's
    ///   period.
    static func draft(
        of accountID: Int64,
        reason: Reason,
        description: String = "Quantum computing usage",
        _ db: borrowing Database
    ) throws -> InvoiceDraft {
        let currency = try Accounts.currency(of: accountID, db)
        var draft = InvoiceDraft(of: accountID, in: currency, reason: reason, description: description)
        let open = try UsageTotals.open(of: accountID, db)
        draft.open = reason == .threshold ? open.filter { $0.unitMicros > 0 } : open
        draft.carried = try toCarry(of: accountID, db)
        for id in draft.carried { draft.add(try carriedLines(of: id, currency, db)) }
        draft.add(try usageLines(open, of: accountID, currency, db))
        let used = draft.lines.reduce(Int64(0)) { $0 + $1.amount }
        let unbilled = try Ledger.balance(.unbilled, of: accountID, db).value
        if used != unbilled {
            let rest = Money(unbilled - used, currency)
            let line =
                unbilled < used
                ? DraftLine(.applied, "Credit and payments applied", rest, postedAs: .unbilled)
                : DraftLine(.carried, "Carried over from a voided invoice", rest, postedAs: .unbilled)
            draft.add([line])
        }
        return draft
    }

    /// The next invoice of the account, as of now. Nothing is written.
    static func upcoming(of accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws -> InvoiceDraft {
        if let live = try Subscriptions.live(of: accountID, db) { return try Closing.draft(of: live, db) }
        var draft = try draft(of: accountID, reason: .usage, db)
        draft.period = try usagePeriod(of: accountID, until: try Accounts.time(of: accountID, at: now, db), db)
        return draft
    }

    /// Since use was invoiced last, or since the account is there.
    static func usagePeriod(
        of accountID: Int64,
        until end: Timestamp,
        _ db: borrowing Database
    ) throws -> Range<Timestamp> {
        let start = try lastUse(of: accountID, db) ?? Accounts.find(accountID, db)?.createdAt ?? end
        return min(start, end)..<end
    }

    /// Rounds running totals from the first use ever on, as the ledger did when it was charged: however small each line
    /// is, together they are what was posted.
    private static func usageLines(
        _ open: [UsageTotals.Open],
        of accountID: Int64,
        _ currency: Currency,
        _ db: borrowing Database
    ) throws -> [DraftLine] {
        let priced = open.filter { $0.micros != 0 }
        let after = try Accounts.usageMicros(of: accountID, db)
        var running = priced.reduce(after) { $0 - $1.micros }
        return try priced.map { open in
            let before = Dollars(micros: running).cents
            running += open.micros
            let amount = Dollars(micros: running).cents - before
            var line = DraftLine(
                .usage,
                "\(open.backend), \(open.meter.rawValue)",
                Money(amount.value, currency),
                quantity: open.quantity,
                postedAs: .unbilled
            )
            let isExact = try open.quantity.times(open.unitMicros) == open.micros
            line.unitPrice = isExact ? UnitPrice(micros: open.unitMicros) : nil
            (line.meter, line.backend) = (open.meter.rawValue, open.backend)
            line.evidence = InvoiceLines.Evidence(of: [open])
            return line
        }
    }

    /// The use on a voided invoice, line by line as it stood there.
    private static func carriedLines(
        of id: Int64,
        _ currency: Currency,
        _ db: borrowing Database
    ) throws -> [DraftLine] {
        try InvoiceLines.of(id, db).filter { $0.kind == DraftLine.Kind.usage.rawValue }.map { old in
            var line = DraftLine(
                .usage,
                old.description,
                Money(old.amount.value, currency),
                quantity: old.quantity,
                postedAs: .unbilled
            )
            (line.unitPrice, line.meter, line.backend) = (old.unitPrice, old.meter, old.backend)
            (line.evidence, line.period) = (old.evidence, old.period)
            return line
        }
    }
}
