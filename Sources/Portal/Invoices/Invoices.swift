import Storage
import Web

/// Invoices and credit notes. Every statement on `invoice` is in this file; their lines are ``InvoiceLines``.
enum Invoices {
    static let daysToPay = 14

    /// A draft: it has no number, is nobody's debt, and may still change.
    static func insert(_ heading: Heading, _ lines: [InvoiceLines.Line], _ db: borrowing Database) throws -> Int64 {
        try db.run(
            """
            INSERT INTO invoice (account_id, kind, status, reason, description, currency, subtotal, discount, tax,
                total, issued_at, due_at, corrects_id, subscription_id, period_start, period_end, taxes, discounts,
                buyer, seller, memo)
            VALUES (?, ?, 'draft', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            heading.accountID,
            heading.kind.rawValue,
            heading.reason.rawValue,
            heading.description,
            heading.currency.code,
            heading.subtotal.value,
            heading.discount.value,
            heading.tax.value,
            heading.total.value,
            heading.issuedAt.milliseconds,
            heading.dueAt.milliseconds,
            heading.correctsID,
            heading.subscriptionID,
            heading.period?.lowerBound.milliseconds,
            heading.period?.upperBound.milliseconds,
            try StoredJSON.text(heading.papers.taxes),
            try StoredJSON.text(heading.papers.discounts),
            try StoredJSON.text(heading.papers.buyer),
            try StoredJSON.text(heading.papers.seller),
            heading.papers.memo
        )
        let id = db.lastInsertID
        try InvoiceLines.insert(lines, into: id, db)
        return id
    }

    /// Gives a draft its number; from here on it is frozen but for how it is paid.
    static func setIssued(_ id: Int64, number: String, _ db: borrowing Database) throws {
        try db.run("UPDATE invoice SET status = 'open', number = ? WHERE id = ? AND status = 'draft'", number, id)
    }

    // MARK: Reading

    static func find(id: Int64, _ db: borrowing Database) throws -> Invoice? {
        try db.first(
            """
            SELECT id, account_id, kind, number, status, reason, description, currency, subtotal, discount, tax, total,
                paid, credited, written_off, issued_at, due_at, paid_at, voided_at, corrects_id, subscription_id,
                period_start, period_end, taxes, discounts, buyer, seller, memo
            FROM invoice WHERE id = ?
            """,
            id,
            as: invoice
        )
    }

    static func find(number: String, _ db: borrowing Database) throws -> Invoice? {
        let id: Int64? = try db.value("SELECT id FROM invoice WHERE number = ?", number)
        return try id.flatMap { try find(id: $0, db) }
    }

    /// - Throws: ``Failure`` 404.
    static func require(number: String, _ db: borrowing Database) throws -> Invoice {
        guard let invoice = try find(number: number, db) else {
            throw Failure.notFound("There is no invoice \(number)")
        }
        return invoice
    }

    /// Newest first, without those that were voided and credit notes.
    static func list(of accountID: Int64, limit: Int = 100, _ db: borrowing Database) throws -> [Invoice] {
        try db.all(
            """
            SELECT id, account_id, kind, number, status, reason, description, currency, subtotal, discount, tax, total,
                paid, credited, written_off, issued_at, due_at, paid_at, voided_at, corrects_id, subscription_id,
                period_start, period_end, taxes, discounts, buyer, seller, memo
            FROM invoice WHERE account_id = ? AND status <> 'void' AND kind = 'invoice'
            ORDER BY issued_at DESC, id DESC LIMIT ?
            """,
            accountID,
            limit,
            as: invoice
        )
    }

    /// Newest first, of every state but drafts.
    static func page(
        of accountID: Int64,
        _ kind: Kind = .invoice,
        status: Status? = nil,
        after position: Position = .first,
        limit: Int64,
        _ db: borrowing Database
    ) throws -> [Invoice] {
        try db.all(
            """
            SELECT id, account_id, kind, number, status, reason, description, currency, subtotal, discount, tax, total,
                paid, credited, written_off, issued_at, due_at, paid_at, voided_at, corrects_id, subscription_id,
                period_start, period_end, taxes, discounts, buyer, seller, memo
            FROM invoice WHERE account_id = ? AND (issued_at, id) < (?, ?) AND status <> 'draft' AND kind = ?
                AND status = coalesce(?, status)
            ORDER BY issued_at DESC, id DESC LIMIT ?
            """,
            accountID,
            position.issuedAt.milliseconds,
            position.id,
            kind.rawValue,
            status?.rawValue,
            limit,
            as: invoice
        )
    }

    private static func invoice(_ row: borrowing Row) throws -> Invoice {
        let code: String = row[7]
        guard let currency = Currency(code) else { throw StoreError.corrupt("there is no currency \(code)") }
        let start = row.optionalInt(21)
        let period = start.flatMap { start in
            row.optionalInt(22).flatMap { end in
                start <= end ? Timestamp(milliseconds: start)..<Timestamp(milliseconds: end) : nil
            }
        }
        return Invoice(
            id: row[0],
            accountID: row[1],
            kind: try row.raw(2),
            number: row[3],
            status: try row.raw(4),
            reason: try row.raw(5),
            description: row[6],
            currency: currency,
            subtotal: Cents(row[8]),
            discount: Cents(row[9]),
            tax: Cents(row[10]),
            total: Cents(row[11]),
            paid: Cents(row[12]),
            credited: Cents(row[13]),
            writtenOff: Cents(row[14]),
            issuedAt: Timestamp(milliseconds: row[15]),
            dueAt: Timestamp(milliseconds: row[16]),
            paidAt: row.optionalInt(17).map { Timestamp(milliseconds: $0) },
            voidedAt: row.optionalInt(18).map { Timestamp(milliseconds: $0) },
            correctsID: row[19],
            subscriptionID: row[20],
            period: period,
            papers: InvoicePapers(
                taxes: try StoredJSON.value(row[23]),
                discounts: try StoredJSON.value(row[24]),
                buyer: try StoredJSON.value(row[25]),
                seller: try StoredJSON.value(row[26]),
                memo: row[27]
            )
        )
    }

    static func count(_ db: borrowing Database) throws -> Int {
        Int(try db.value("SELECT count(*) FROM invoice") ?? 0 as Int64)
    }

    // MARK: How it is paid

    /// Those that something is owed by, oldest first.
    static func open(of accountID: Int64, _ db: borrowing Database) throws -> [(id: Int64, owed: Cents)] {
        try db.all(
            """
            SELECT id, total - paid - credited - written_off FROM invoice
            WHERE account_id = ? AND status IN ('open', 'uncollectible') AND kind = 'invoice'
                AND total > paid + credited + written_off
            ORDER BY issued_at, id
            """,
            accountID
        ) { row in (row[0], Cents(row[1])) }
    }

    /// Notes what was paid of it; whoever calls posts it to the ledger.
    /// - Throws: ``Failure`` 409 for more than is owed: nothing is owed by what is void, paid or a draft.
    static func pay(_ id: Int64, _ amount: Cents, at now: Timestamp, _ db: borrowing Database) throws {
        let changed = try db.run(
            """
            UPDATE invoice SET paid = paid + ?,
                status = CASE WHEN paid + credited + ? = total THEN 'paid' ELSE status END,
                paid_at = CASE WHEN paid + credited + ? = total THEN ? ELSE paid_at END
            WHERE id = ? AND status IN ('open', 'uncollectible')
                AND ? BETWEEN 0 AND total - paid - credited - written_off
            """,
            amount.value,
            amount.value,
            amount.value,
            now.milliseconds,
            id,
            amount.value
        )
        guard changed > 0 else { throw Failure.conflict("Not so much is owed by this invoice") }
        guard let invoice = try find(id: id, db), invoice.status == .paid else { return }
        try InvoiceNews.paid(invoice, at: now, db)
    }

    /// Notes what a credit note takes from what is owed.
    static func credit(_ id: Int64, _ amount: Cents, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            """
            UPDATE invoice SET credited = credited + ?,
                status = CASE WHEN paid + credited + ? = total THEN 'paid' ELSE status END,
                paid_at = CASE WHEN paid + credited + ? = total THEN ? ELSE paid_at END
            WHERE id = ? AND status IN ('open', 'uncollectible')
            """,
            amount.value,
            amount.value,
            amount.value,
            now.milliseconds,
            id
        )
    }

    /// A credit note is settled as soon as it is made out.
    static func setSettled(
        note id: Int64,
        credited: Cents,
        paid: Cents,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try db.run(
            "UPDATE invoice SET status = 'paid', credited = ?, paid = ?, paid_at = ? WHERE id = ?",
            credited.value,
            paid.value,
            now.milliseconds,
            id
        )
    }

    static func setVoid(_ id: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run("UPDATE invoice SET status = 'void', paid = 0, voided_at = ? WHERE id = ?", now.milliseconds, id)
    }

    static func setWrittenOff(_ id: Int64, _ amount: Cents, _ db: borrowing Database) throws {
        try db.run("UPDATE invoice SET status = 'uncollectible', written_off = ? WHERE id = ?", amount.value, id)
    }

    /// Called uncollectible, and still owed by the books; ``writeOff(_:at:_:)`` takes it out of them.
    static func setUncollectible(_ id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE invoice SET status = 'uncollectible' WHERE id = ? AND status = 'open'", id)
    }

    // MARK: Use

    /// When use was invoiced last.
    static func lastUse(of accountID: Int64, _ db: borrowing Database) throws -> Timestamp? {
        let last: Int64? = try db.value(
            """
            SELECT max(issued_at) FROM invoice WHERE account_id = ? AND kind = 'invoice' AND status <> 'draft'
                AND reason IN ('usage', 'period', 'threshold')
            """,
            accountID
        )
        return last.map { Timestamp(milliseconds: $0) }
    }

    /// Voided invoices whose use no other invoice asks for yet.
    static func toCarry(of accountID: Int64, _ db: borrowing Database) throws -> [Int64] {
        try db.all(
            """
            SELECT id FROM invoice WHERE account_id = ? AND status = 'void' AND carried_id IS NULL AND kind = 'invoice'
            ORDER BY id
            """,
            accountID
        ) { row in row[0] }
    }

    static func setCarried(_ id: Int64, by later: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE invoice SET carried_id = ? WHERE id = ?", later, id)
    }

    /// Voided ones whose use another asks for again.
    static func carried(into id: Int64, _ db: borrowing Database) throws -> [Int64] {
        try db.all("SELECT id FROM invoice WHERE carried_id = ? AND id <> ? ORDER BY id", id, id) { row in row[0] }
    }

    // MARK: Credit notes

    /// The total of all credit notes that take from an invoice, without those that were voided.
    static func noted(_ id: Int64, _ db: borrowing Database) throws -> Cents {
        Cents(
            try db.value(
                """
                SELECT coalesce(sum(total), 0) FROM invoice
                WHERE corrects_id = ? AND kind = 'credit_note' AND status <> 'void'
                """,
                id
            ) ?? 0
        )
    }
}
