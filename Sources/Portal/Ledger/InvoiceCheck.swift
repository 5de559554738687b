import Storage

/// What must hold of invoices and credit notes: among themselves, and against the ledger.
enum InvoiceCheck {
    /// - Returns: a sentence for each thing that does not hold.
    static func run(_ db: borrowing Database) throws -> [String] {
        try sums(db) + states(db) + owed(db) + notes(db) + postings(db) + numbers(db)
    }

    /// Every column of an invoice is the sum of its lines.
    private static func sums(_ db: borrowing Database) throws -> [String] {
        try db.all(
            """
            SELECT i.id FROM invoice i LEFT JOIN (
                SELECT invoice_id, sum(amount) AS amount, sum(discount) AS discount,
                    sum(tax_included + tax_added) AS tax, sum(total) AS total,
                    sum(CASE WHEN total <> amount - discount + tax_added THEN 1 ELSE 0 END) AS wrong
                FROM invoice_line GROUP BY invoice_id
            ) AS l ON l.invoice_id = i.id
            WHERE i.subtotal <> coalesce(l.amount, 0) OR i.discount <> coalesce(l.discount, 0)
                OR i.tax <> coalesce(l.tax, 0) OR i.total <> coalesce(l.total, 0) OR coalesce(l.wrong, 0) > 0
            """
        ) { row in "the lines of invoice \(row[0] as Int64) do not add up to its total" }
    }

    private static func states(_ db: borrowing Database) throws -> [String] {
        try db.all(
            """
            SELECT id FROM invoice WHERE CASE
                WHEN paid < 0 OR total < 0 OR paid + credited + written_off > total THEN 1
                WHEN status IN ('draft', 'void') THEN paid + credited + written_off <> 0
                WHEN kind = 'credit_note' THEN status <> 'paid' OR paid + credited <> total
                WHEN status = 'paid' THEN paid + credited <> total
                WHEN status = 'open' THEN paid + credited = total OR written_off <> 0
                ELSE 0 END
            """
        ) { row in "invoice \(row[0] as Int64) is in a state that its payments do not give" }
    }

    /// What accounts owe by the ledger is what their invoices still ask for.
    private static func owed(_ db: borrowing Database) throws -> [String] {
        try db.all(
            """
            SELECT account_id, currency FROM (
                SELECT account_id, currency, total - paid - credited - written_off AS amount FROM invoice
                WHERE kind = 'invoice' AND status IN ('open', 'uncollectible', 'paid')
                UNION ALL
                SELECT account_id, currency, credits - debits FROM ledger_balance WHERE side = 'receivable'
            ) AS o GROUP BY account_id, currency HAVING sum(amount) <> 0
            """
        ) { row in "the open invoices of account \(row[0] as Int64) are not what it owes by the ledger" }
    }

    /// Credit notes take no more from an invoice and from each of its lines than there is.
    private static func notes(_ db: borrowing Database) throws -> [String] {
        let wholes: [String] = try db.all(
            """
            SELECT i.id FROM invoice i LEFT JOIN (
                SELECT corrects_id, sum(total) AS total, sum(credited) AS credited
                FROM invoice WHERE kind = 'credit_note' AND status <> 'void' GROUP BY corrects_id
            ) AS n ON n.corrects_id = i.id
            WHERE i.kind = 'invoice' AND (coalesce(n.total, 0) > i.total - i.written_off
                OR coalesce(n.credited, 0) <> i.credited OR (i.status = 'void' AND n.total IS NOT NULL))
            """
        ) { row in "the credit notes for invoice \(row[0] as Int64) are not what was taken from it" }
        let lines: [String] = try db.all(
            """
            SELECT DISTINCT l.invoice_id FROM invoice_line l JOIN (
                SELECT i.corrects_id, n.corrects_position, sum(n.total) AS total, sum(n.tax_included) AS included,
                    sum(n.tax_added) AS added
                FROM invoice i JOIN invoice_line n ON n.invoice_id = i.id
                WHERE i.kind = 'credit_note' AND i.status <> 'void' GROUP BY i.corrects_id, n.corrects_position
            ) AS c ON c.corrects_id = l.invoice_id AND c.corrects_position = l.position
            WHERE abs(c.total) > abs(l.total) OR abs(c.included) > abs(l.tax_included)
                OR abs(c.added) > abs(l.tax_added)
            """
        ) { row in "credit notes take more from a line of invoice \(row[0] as Int64) than it has" }
        return wholes + lines
    }

    /// What an invoice has put on the sides of the ledger.
    private struct Posted: Equatable {
        /// When it was made out, without its payments; a credit note's, the other way round.
        var receivable: Int64 = 0
        var tax: Int64 = 0
        /// What a credit note gave as credit.
        var credit: Int64 = 0
        var loss: Int64 = 0

        /// - Parameter amount: positive on the debit side.
        mutating func add(_ amount: Int64, _ side: String, _ reference: [Substring]) {
            switch side {
            case Ledger.Side.receivable.rawValue where !reference.contains("loss"): receivable += amount
            case Ledger.Side.tax.rawValue: tax += amount
            case Ledger.Side.loss.rawValue: loss += amount
            case Ledger.Side.credit.rawValue where reference.contains("note"): credit += amount
            default: break
            }
        }
    }

    /// Its total, its tax and what was written off stand in the ledger under its reference; nothing of a voided one.
    private static func postings(_ db: borrowing Database) throws -> [String] {
        var posted: [Int64: Posted] = [:]
        try db.each(
            """
            SELECT reference, debit, credit, amount FROM ledger_entry
            WHERE reason IN ('invoice', 'invoice voided', 'credit note', 'written off')
            """
        ) { row in
            let parts = (row[0] as String).split(separator: ":")
            guard parts.count > 1, let id = Int64(parts[1]) else { return true }
            let amount: Int64 = row[3]
            posted[id, default: Posted()].add(amount, row[1], parts)
            posted[id, default: Posted()].add(-amount, row[2], parts)
            return true
        }
        var findings: [String] = []
        try db.each(
            """
            SELECT id, kind, status, total, tax, paid, credited, written_off FROM invoice
            WHERE status <> 'draft'
            """
        ) { row in
            let isVoid = row[2] as String == "void"
            let expected =
                row[1] as String == "credit_note"
                ? Posted(receivable: -row[6], tax: isVoid ? 0 : row[4], credit: -row[5])
                : Posted(receivable: isVoid ? 0 : row[3], tax: isVoid ? 0 : -row[4], loss: row[7])
            let found = posted.removeValue(forKey: row[0]) ?? Posted()
            if found != expected {
                findings.append("the entries of invoice \(row[0] as Int64) do not add up to its total")
            }
            return true
        }
        return findings + posted.keys.sorted().map { "there are entries of invoice \($0), which is not there" }
    }

    /// The numbers of each series run from 1 to the last one given, without gaps.
    private static func numbers(_ db: borrowing Database) throws -> [String] {
        try numbers(.invoices, of: .invoice, db) + numbers(.creditNotes, of: .creditNote, db)
    }

    private static func numbers(
        _ series: InvoiceSeries,
        of kind: Invoices.Kind,
        _ db: borrowing Database
    ) throws -> [String] {
        let last: Int64 =
            try db.value("SELECT next_number - 1 FROM invoice_series WHERE name = ?", series.rawValue) ?? 0
        let given: [String] = try db.all(
            "SELECT coalesce(number, '') FROM invoice WHERE kind = ? AND (status <> 'draft' OR number IS NOT NULL)",
            kind.rawValue
        ) { row in row[0] }
        guard last - Int64(given.count) <= 1000 else {
            return ["\(last - Int64(given.count)) invoice numbers are missing"]
        }
        let expected = Set((0..<max(0, last)).map { series.text($0 + 1) })
        let missing = expected.subtracting(given).sorted()
        let unknown = Set(given).subtracting(expected).sorted()
        let gaps =
            missing.isEmpty ? [] : ["\(missing.count) invoice numbers are missing: \(missing.joined(separator: ", "))"]
        return gaps + unknown.map { "the invoice number \($0) was never given" }
    }
}
