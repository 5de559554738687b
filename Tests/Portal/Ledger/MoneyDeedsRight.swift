import Storage

@testable import Portal

/// Uses that are put right: those on no invoice move the charge, the others their invoice.
extension MoneyStory {
    mutating func correctUse(_ deed: Deed, _ who: Int, _ db: borrowing Database) throws -> Bool {
        guard let index = actors[who].uses.indices.suffix(40).randomElement(using: &numbers) else { return false }
        let (use, account) = (actors[who].uses[index], actors[who].account)
        let quantity = deed == .voidUse ? 0 : Int64.random(in: 0...(2 * use.quantity + 2), using: &numbers)
        let correction = UsageCorrection(
            eventID: use.id,
            kind: deed == .voidUse ? .void : .amend,
            quantity: quantity,
            reason: "",
            madeBy: "",
            now: now
        )
        let isDone = !use.isVoid && quantity != use.quantity
        guard try !isDone || fits(use, db) else { return false }
        let last = try Ledger.lastEntry(db)
        guard try agree(isDone, "putting a use right", { _ = try correction.apply(db) }) else { return false }
        (actors[who].uses[index].quantity, actors[who].uses[index].isVoid) = (quantity, deed == .voidUse)
        let more = quantity - use.quantity
        let isOpen = use.unitMicros == 0 && use.count == actors[who].model.plan.count
        if isOpen { actors[who].model.plan.units += more }
        guard let made = try UsageCorrections.list(of: use.id, db).last else { return false }
        if made.isCharged {
            actors[who].model.amend(more * use.unitMicros, at: now.milliseconds)
            return true
        }
        guard !isOpen, let standsOn = made.invoiceID, let number = try position(of: standsOn, account, db),
            !actors[who].model.invoices[number].isVoid
        else { throw disagreement("a use on no invoice was put right by a note") }
        // Beyond what the invoice asked for, it becomes credit: what credit had paid for before, say.
        let rest: Int64? = try db.value(
            "SELECT sum(amount) FROM ledger_entry WHERE id > ? AND account_id = ? AND reason = 'correction'",
            last,
            account
        )
        if let rest {
            guard more < 0, rest <= 2 * most(more, of: use) + 2 else {
                throw disagreement("\(rest) became credit by \(more) of \(use)")
            }
            actors[who].model.house.revenue += rest
            actors[who].model.give(rest, isPaid: true, at: now.milliseconds)
        }
        try follow(made, more, use, on: number, who, db)
        return true
    }

    /// What so much more or less of a use can change of a bill before taxes, but for rounding.
    private func most(_ more: Int64, of use: Use) -> Int64 {
        let price = use.unitMicros > 0 ? use.unitMicros : PlanModel.all.map(\.unitMicros).max() ?? 0
        return (abs(more) * price) / 10_000
    }

    /// Left out is what stands on a voided invoice, which another may ask for again.
    private func fits(_ use: Use, _ db: borrowing Database) throws -> Bool {
        guard let event = try UsageEvents.find(use.id, db), try UsageTotals.isInvoiced(event, db) else { return true }
        return try InvoiceLines.standing(of: event, db).allSatisfy { !$0.isVoid }
    }

    /// A note is for what the use costs more or less, with taxes, to a cent for each line.
    private mutating func follow(
        _ made: UsageCorrections.Correction,
        _ more: Int64,
        _ use: Use,
        on number: Int,
        _ who: Int,
        _ db: borrowing Database
    ) throws {
        guard let note = try made.noteID.flatMap({ try Invoices.find(id: $0, db) }) else { return }
        let lines = Int64(try InvoiceLines.of(made.invoiceID ?? 0, db).count)
        let most = most(more, of: use) + lines
        let isRight: Bool
        if note.kind == .creditNote {
            let isFair = actors[who].model.isFair(note.tax.value, of: note.total.value, on: number, lines: lines)
            isRight = more < 0 && isFair && note.total - note.tax <= Cents(most)
            actors[who].model.note(note.total.value, tax: note.tax.value, on: number, at: now.milliseconds)
        } else {
            let isExact = use.unitMicros == 0 || note.subtotal.value >= most - 2 * lines
            isRight = more > 0 && isExact && note.subtotal <= Cents(most)
            actors[who].model.bill([note.subtotal.value], .manual, at: now.milliseconds)
        }
        guard isRight else { throw disagreement("\(more) of \(use) was put right by \(note)") }
    }

    private func position(of id: Int64, _ account: Int64, _ db: borrowing Database) throws -> Int? {
        let ids: [Int64] = try db.all(
            "SELECT id FROM invoice WHERE account_id = ? AND kind = 'invoice' ORDER BY id",
            account
        ) { row in row[0] }
        return ids.firstIndex(of: id)
    }
}
