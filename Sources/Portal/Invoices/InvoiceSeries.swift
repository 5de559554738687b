import Storage

/// The numbers of invoices and credit notes. Every statement on `invoice_series` is in this file.
///
/// They are counted up in the transaction that gives them away, so a series has no gaps: neither a crash nor a
/// refused invoice uses one up.
enum InvoiceSeries: String, Sendable, CaseIterable {
    case invoices = "INV"
    case creditNotes = "CN"

    /// `INV-000001`, `CN-000017`.
    func text(_ number: Int64) -> String { "\(rawValue)-\(padded(number, to: 6))" }

    func next(_ db: borrowing Database) throws -> String {
        let number: Int64 =
            try db.value(
                """
                INSERT INTO invoice_series (name, next_number) VALUES (?, 2)
                ON CONFLICT (name) DO UPDATE SET next_number = invoice_series.next_number + 1
                RETURNING next_number - 1
                """,
                rawValue
            ) ?? 1
        return text(number)
    }
}
