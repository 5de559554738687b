import Storage

/// Who is billed, and how. Every statement on `billing_profile` is in this file.
enum BillingProfiles {
    struct Profile: Sendable {
        var name = ""
        var email = ""
        var address = ""
        /// ISO 3166-1, two letters; empty: it was not said.
        var country = ""
        var taxID = ""
        /// Ids of ``TaxRates``; nil: those of the house.
        var taxRates: [Int64]?
        /// Nil: ``Invoices/daysToPay``.
        var daysToPay: Int?
    }

    /// An empty one for an account that has said nothing.
    static func find(_ accountID: Int64, _ db: borrowing Database) throws -> Profile {
        try db.first(
            """
            SELECT name, email, address, country, tax_id, tax_rates, days_to_pay
            FROM billing_profile WHERE account_id = ?
            """,
            accountID
        ) { row in
            Profile(
                name: row[0],
                email: row[1],
                address: row[2],
                country: row[3],
                taxID: row[4],
                taxRates: row.optionalText(5).map { $0.split(separator: " ").compactMap { Int64($0) } },
                daysToPay: row[6]
            )
        } ?? Profile()
    }

    static func set(_ profile: Profile, of accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            """
            INSERT INTO billing_profile (account_id, name, email, address, country, tax_id, tax_rates, days_to_pay,
                updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (account_id) DO UPDATE SET name = excluded.name, email = excluded.email,
                address = excluded.address, country = excluded.country, tax_id = excluded.tax_id,
                tax_rates = excluded.tax_rates, days_to_pay = excluded.days_to_pay, updated_at = excluded.updated_at
            """,
            accountID,
            profile.name,
            profile.email,
            profile.address,
            profile.country,
            profile.taxID,
            profile.taxRates?.map { "\($0)" }.joined(separator: " "),
            profile.daysToPay,
            now.milliseconds
        )
    }

    /// As it stands on invoices: what the profile does not say is the account's name and its first owner's address.
    static func party(_ accountID: Int64, _ db: borrowing Database) throws -> InvoicePapers.Party {
        let profile = try find(accountID, db)
        let customer = try Accounts.customer(accountID, db)
        return InvoicePapers.Party(
            name: profile.name.isEmpty ? customer?.name : profile.name,
            email: profile.email.isEmpty ? customer?.email : profile.email,
            address: profile.address.isEmpty ? nil : profile.address,
            country: profile.country.isEmpty ? nil : profile.country,
            taxID: profile.taxID.isEmpty ? nil : profile.taxID
        )
    }
}
