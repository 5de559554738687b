import Storage

/// Taxes that operators set by hand. Every statement on `tax_rate` is in this file.
enum TaxRates {
    struct Rate: Sendable {
        let id: Int64
        let rate: TaxRate
        /// Where it applies by itself, if it is the default there; empty: everywhere.
        let country: String
        let isDefault: Bool
        let createdAt: Timestamp
        let archivedAt: Timestamp?
    }

    struct New: Sendable {
        let rate: TaxRate
        let country: String
        let isDefault: Bool
    }

    /// What applies to an account: the rates of its profile, else the default ones of its country, else those without
    /// a country. Archived ones apply to nobody.
    static func of(_ profile: BillingProfiles.Profile, _ db: borrowing Database) throws -> [Rate] {
        if let ids = profile.taxRates {
            return try ids.compactMap { try find($0, db) }.filter { $0.archivedAt == nil }
        }
        let defaults = try list(before: .max, limit: .max, db).filter { $0.isDefault && $0.archivedAt == nil }
        let own = defaults.filter { !$0.country.isEmpty && $0.country == profile.country }
        return (own.isEmpty ? defaults.filter(\.country.isEmpty) : own).reversed()
    }

    static func insert(_ new: New, at now: Timestamp, _ db: borrowing Database) throws -> Int64 {
        try db.run(
            """
            INSERT INTO tax_rate (name, country, rate, is_inclusive, is_default, created_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            new.rate.name,
            new.country,
            new.rate.millionths,
            new.rate.isInclusive,
            new.isDefault,
            now.milliseconds
        )
        return db.lastInsertID
    }

    static func find(_ id: Int64, _ db: borrowing Database) throws -> Rate? {
        try db.first(
            """
            SELECT id, name, country, rate, is_inclusive, is_default, created_at, archived_at
            FROM tax_rate WHERE id = ?
            """,
            id,
            as: rate
        )
    }

    /// Newest first, archived ones too.
    static func list(before id: Int64, limit: Int64, _ db: borrowing Database) throws -> [Rate] {
        try db.all(
            """
            SELECT id, name, country, rate, is_inclusive, is_default, created_at, archived_at
            FROM tax_rate WHERE id < ? ORDER BY id DESC LIMIT ?
            """,
            id,
            limit,
            as: rate
        )
    }

    private static func rate(_ row: borrowing Row) -> Rate {
        Rate(
            id: row[0],
            rate: TaxRate(name: row[1], millionths: row[3], isInclusive: row[4]),
            country: row[2],
            isDefault: row[5],
            createdAt: Timestamp(milliseconds: row[6]),
            archivedAt: row.optionalInt(7).map { Timestamp(milliseconds: $0) }
        )
    }

    /// A rate never changes, since invoices name it: it is archived, and another one set.
    static func setArchived(_ isArchived: Bool, _ id: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE tax_rate SET archived_at = ? WHERE id = ?",
            isArchived ? now.milliseconds : nil as Int64?,
            id
        )
    }
}
