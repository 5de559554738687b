import Storage

/// What must hold of refunds and the credit notes by which they came off invoices.
enum RefundCheck {
    /// - Returns: a sentence for each refund that should have a note and has none, and each note that says another
    ///   amount than its refund.
    static func run(_ db: borrowing Database) throws -> [String] {
        let uneven: [String] = try db.all(
            """
            SELECT n.number FROM payment_use u JOIN invoice n ON n.id = u.invoice_id WHERE u.cause = 'refund'
            GROUP BY n.id, n.number, n.kind, n.status, n.total
            HAVING n.kind <> 'credit_note' OR -sum(u.amount) <> CASE WHEN n.status = 'void' THEN 0 ELSE n.total END
            """
        ) { row in "credit note \(row[0] as String) does not say what was paid back by it" }
        // Others' notes on the same invoice may have left no room for one.
        let bare: [String] = try db.all(
            """
            SELECT DISTINCT p.provider_id FROM payment p JOIN (
                SELECT payment_id FROM payment_use WHERE cause = 'refund' AND side = 'revenue' AND invoice_id IS NULL
                GROUP BY payment_id HAVING sum(amount) < 0
            ) AS r ON r.payment_id = p.id
            JOIN payment_use u ON u.payment_id = p.id AND u.cause = 'paid'
            JOIN invoice i ON i.id = u.invoice_id
            WHERE i.written_off = 0
                AND NOT EXISTS (SELECT 1 FROM invoice n WHERE n.corrects_id = i.id AND n.kind = 'credit_note')
            """
        ) { row in "what was paid back of \(row[0] as String) came off an invoice without a credit note" }
        return uneven + bare
    }
}
