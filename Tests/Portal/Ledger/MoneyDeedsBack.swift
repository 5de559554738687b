import Storage
import Web

@testable import Portal

/// Payments, what goes back of them, and what is put right on invoices.
extension MoneyStory {
    mutating func pay(_ deed: Deed, _ who: Int, _ db: borrowing Database) throws -> Bool {
        let model = actors[who].model
        let chosen = model.open.randomElement(using: &numbers)
        let id = "pi_\(who)_\(model.payments.count)"
        var amount = Int64.random(in: 1...2000, using: &numbers)
        var meant: Int?
        guard chosen != nil || deed == .topUp else { return false }
        if deed != .topUp, let chosen {
            let owed = model.invoices[chosen].owed
            amount = [Int64.random(in: 1...owed, using: &numbers), owed, owed + 77].randomElement(using: &numbers) ?? 1
            meant = Bool.random(using: &numbers) ? chosen : nil
        }
        let invoice = try meant.map { try self.invoice($0, of: who, db) }
        for _ in 0..<(deed == .payTwice ? 2 : 1) {
            try Payments.receive(
                Cents(amount),
                .usd,
                from: actors[who].account,
                providerID: id,
                invoiceID: invoice,
                at: now,
                db
            )
        }
        actors[who].model.pay(amount, id, meantFor: meant, at: now.milliseconds)
        return true
    }

    /// As the provider tells of it: the refund, the charge or the dispute as it is by then, sometimes twice.
    mutating func payBack(_ deed: Deed, _ who: Int, _ db: borrowing Database) throws -> Bool {
        guard let index = actors[who].model.payments.indices.randomElement(using: &numbers) else { return false }
        let payment = actors[who].model.payments[index]
        let part = Bool.random(using: &numbers) ? payment.amount : Int64.random(in: 1...payment.amount, using: &numbers)
        let news: JSONValue
        let about: StripeEventTypes.About
        switch deed {
        case .refund:
            actors[who].model.payments[index].refunds.append((part, .good))
            let status = Bool.random(using: &numbers) ? "pending" : "succeeded"
            (news, about) = (Told.refund(payment, payment.refunds.count, part, status), .refund)
        case .failRefund:
            guard let last = payment.refunds.lastIndex(where: { $0.state == .good }) else { return false }
            actors[who].model.payments[index].refunds[last].state = .failed
            (news, about) = (Told.refund(payment, last, payment.refunds[last].amount, "failed"), .refund)
        case .tell:
            actors[who].model.payments[index].told = max(payment.told, part)
            (news, about) = (Told.charge(payment, part), .charge)
        case .dispute:
            actors[who].model.payments[index].disputes.append((part, .open))
            (news, about) = (Told.dispute(payment, payment.disputes.count, part, "needs_response"), .dispute)
        default:
            // One that was lost may still be won.
            let last = payment.disputes.lastIndex { $0.state == .open || deed == .win && $0.state == .lost }
            guard let last else { return false }
            actors[who].model.payments[index].disputes[last].state = deed == .win ? .won : .lost
            let status = deed == .win ? "won" : "lost"
            (news, about) = (Told.dispute(payment, last, payment.disputes[last].amount, status), .dispute)
        }
        actors[who].model.settle(index, at: now.milliseconds)
        for _ in 0..<Int.random(in: 1...2, using: &numbers) {
            let effects = StripeEffects(now: now, links: Books.links)
            guard try effects.apply(news, about: about, type: "", db) == .applied else { return false }
        }
        try followRefund(index, who, db)
        return true
    }

    /// The notes for a payment's refunds are those of the model, and their taxes fair.
    private mutating func followRefund(_ index: Int, _ who: Int, _ db: borrowing Database) throws {
        let expected = actors[who].model.payments[index]
        let notes = try db.all(
            """
            SELECT n.total, n.tax, n.corrects_id FROM payment_use u JOIN payment p ON p.id = u.payment_id
            JOIN invoice n ON n.id = u.invoice_id
            WHERE p.provider_id = ? AND u.cause = 'refund' AND n.status <> 'void' ORDER BY n.id
            """,
            expected.id
        ) { row -> (total: Int64, tax: Int64, invoice: Int64) in (row[0], row[1], row[2]) }
        guard notes.map(\.total) == expected.notes.map(\.amount) else {
            throw disagreement("the refunds of \(expected.id) are noted by \(notes), not \(expected.notes)")
        }
        for (place, note) in notes.enumerated() where expected.notes[place].tax == nil {
            let lines = Int64(try InvoiceLines.of(note.invoice, db).count)
            let number = expected.notes[place].number
            actors[who].model.adopt(note.tax, place, of: index)
            guard try invoice(number, of: who, db) == note.invoice, actors[who].model.isFair(on: number, lines: lines)
            else { throw disagreement("the note \(note) for \(expected.id) is not fair") }
        }
    }

    /// What was asked too much is taken back.
    mutating func correct(_ deed: Deed, _ who: Int, _ db: borrowing Database) throws -> Bool {
        let model = actors[who].model
        guard let index = model.invoices.indices.suffix(12).randomElement(using: &numbers) else { return false }
        let id = try invoice(index, of: who, db)
        switch deed {
        case .void:
            let isDone = actors[who].model.void(index)
            return try agree(isDone, "voiding") { try Invoices.void(id, at: now, db) }
        case .writeOff:
            let isDone = actors[who].model.writeOff(index)
            return try agree(isDone, "writing off") { try Invoices.writeOff(id, at: now, db) }
        default: break
        }
        let left = model.notable(index)
        guard left > 0 else {
            return try agree(false, "a credit note") {
                try CreditNotes.issue(id, .whole, reason: "", at: now, db)
            }
        }
        var extent = CreditNotes.Extent.whole
        var amount = left
        if deed == .noteLine {
            guard let line = try line(of: id, left, db) else { return false }
            (extent, amount) = (.lines([line]), line.amount.value)
        } else if Bool.random(using: &numbers) {
            amount = Int64.random(in: 1...left, using: &numbers)
            extent = .amount(Cents(amount))
        }
        return try note(amount, extent, on: index, id, who, db)
    }

    private mutating func note(
        _ amount: Int64,
        _ extent: CreditNotes.Extent,
        on index: Int,
        _ id: Int64,
        _ who: Int,
        _ db: borrowing Database
    ) throws -> Bool {
        let note = try CreditNotes.issue(id, extent, reason: "", at: now, db)
        let lines = Int64(try InvoiceLines.of(id, db).count)
        guard note.total.value == amount,
            actors[who].model.isFair(note.tax.value, of: amount, on: index, lines: lines)
        else { throw disagreement("a credit note has \(note.tax) of tax in \(note.total)") }
        actors[who].model.note(amount, tax: note.tax.value, on: index, at: now.milliseconds)
        return true
    }

    /// Part of a line that something is left of.
    private mutating func line(of id: Int64, _ left: Int64, _ db: borrowing Database) throws -> CreditNotes.Line? {
        var rest = try InvoiceLines.of(id, db).map(\.total.value)
        for credited in try InvoiceLines.credited(id, db) { rest[credited.position] -= credited.total.value }
        guard let position = rest.indices.filter({ rest[$0] > 0 }).randomElement(using: &numbers) else { return nil }
        let amount = Int64.random(in: 1...min(rest[position], left), using: &numbers)
        return CreditNotes.Line(position: position, amount: Cents(amount))
    }

    private func invoice(_ index: Int, of who: Int, _ db: borrowing Database) throws -> Int64 {
        let id: Int64? = try db.value(
            "SELECT id FROM invoice WHERE account_id = ? AND kind = 'invoice' ORDER BY id LIMIT 1 OFFSET ?",
            actors[who].account,
            index
        )
        return id ?? 0
    }
}

/// The provider's objects.
private enum Told {
    static func refund(_ payment: PaymentModel, _ number: Int, _ amount: Int64, _ status: String) -> JSONValue {
        object("re_\(payment.id)_\(number)", payment, amount, status)
    }

    static func dispute(_ payment: PaymentModel, _ number: Int, _ amount: Int64, _ status: String) -> JSONValue {
        object("du_\(payment.id)_\(number)", payment, amount, status)
    }

    static func charge(_ payment: PaymentModel, _ refunded: Int64) -> JSONValue {
        .object([
            .init("id", .string("ch_\(payment.id)")), .init("payment_intent", .string(payment.id)),
            .init("amount_refunded", .integer(refunded)),
        ])
    }

    private static func object(_ id: String, _ payment: PaymentModel, _ amount: Int64, _ status: String) -> JSONValue {
        .object([
            .init("id", .string(id)), .init("payment_intent", .string(payment.id)), .init("amount", .integer(amount)),
            .init("status", .string(status)),
        ])
    }
}
