import Storage

/// Who sends the invoices, as operators set it.
enum Seller {
    static let setting = "seller"

    /// Without a word where nobody has set it.
    static func find(_ db: borrowing Database) throws -> InvoicePapers.Party {
        try OperatorSettings.find(setting, db).map { try StoredJSON.value($0) } ?? InvoicePapers.Party()
    }

    static func set(_ seller: InvoicePapers.Party, at now: Timestamp, _ db: borrowing Database) throws {
        try OperatorSettings.set(setting, try StoredJSON.text(seller), at: now, db)
    }
}
