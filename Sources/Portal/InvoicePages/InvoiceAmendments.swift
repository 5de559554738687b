import Storage

/// What puts an invoice right: credit notes, and invoices for what was asked too little.
enum InvoiceAmendments {
    struct Amendment: Sendable {
        let number: String
        let kind: Invoices.Kind
        let total: Cents
        let issuedAt: Timestamp
    }

    /// In the order in which they were made out, without those that were voided.
    static func of(_ invoiceID: Int64, _ db: borrowing Database) throws -> [Amendment] {
        try db.all(
            """
            SELECT number, kind, total, issued_at FROM invoice
            WHERE corrects_id = ? AND status NOT IN ('draft', 'void') ORDER BY id
            """,
            invoiceID
        ) { row in
            Amendment(
                number: row[0],
                kind: try row.raw(1),
                total: Cents(row[2]),
                issuedAt: Timestamp(milliseconds: row[3])
            )
        }
    }
}
