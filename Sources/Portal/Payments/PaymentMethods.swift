import Storage
import Web

/// The cards that accounts are charged by, as the provider last told. Every statement on `payment_method` is in this
/// file.
enum PaymentMethods {
    struct Method: Sendable {
        /// The provider's, which is also ours.
        let id: String
        let type: String
        let brand: String?
        let last4: String?
        let expiryMonth: Int64?
        let expiryYear: Int64?
        let createdAt: Timestamp

        /// `visa ending in 4242`.
        var text: String { "\(brand ?? type) ending in \(last4 ?? "????")" }
    }

    /// The one to charge first: what somebody chose, else the oldest.
    static func list(of accountID: Int64, _ db: borrowing Database) throws -> [Method] {
        try db.all(
            """
            SELECT provider_id, type, brand, last4, exp_month, exp_year, created_at FROM payment_method
            WHERE account_id = ? AND detached_at IS NULL ORDER BY is_default DESC, created_at, provider_id
            """,
            accountID,
            as: method
        )
    }

    /// The one that is charged where none is named.
    static func preferred(of accountID: Int64, _ db: borrowing Database) throws -> Method? {
        try list(of: accountID, db).first
    }

    /// - Throws: ``Failure`` 404, also for another account's.
    static func require(_ id: String, of accountID: Int64, _ db: borrowing Database) throws -> Method {
        let found = try list(of: accountID, db).first { $0.id.utf8.elementsEqual(id.utf8) }
        guard let found else { throw Failure.notFound("Payment method not found") }
        return found
    }

    static func account(of id: String, _ db: borrowing Database) throws -> Int64? {
        try db.value("SELECT account_id FROM payment_method WHERE provider_id = ?", id)
    }

    private static func method(_ row: borrowing Row) -> Method {
        Method(
            id: row[0],
            type: row[1],
            brand: row[2],
            last4: row[3],
            expiryMonth: row[4],
            expiryYear: row[5],
            createdAt: Timestamp(milliseconds: row[6])
        )
    }

    /// Writes down one as the provider shows it.
    /// - Throws: ``StripeError`` for an object without an id.
    static func keep(_ object: JSONValue, of accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        let card = object["card"]
        try db.run(
            """
            INSERT INTO payment_method
                (account_id, provider_id, type, brand, last4, exp_month, exp_year, created_at, seen_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (provider_id) DO UPDATE SET brand = excluded.brand, last4 = excluded.last4,
                exp_month = excluded.exp_month, exp_year = excluded.exp_year, seen_at = excluded.seen_at,
                warned_at = CASE WHEN payment_method.exp_month = excluded.exp_month
                    AND payment_method.exp_year = excluded.exp_year THEN payment_method.warned_at END
            """,
            accountID,
            try object.requireID(),
            object["type"]?.string ?? "card",
            card?["brand"]?.string,
            card?["last4"]?.string,
            card?["exp_month"]?.integer,
            card?["exp_year"]?.integer,
            object["created"]?.integer.map { Timestamp(milliseconds: 0).adding(seconds: $0) }?.milliseconds
                ?? now.milliseconds,
            now.milliseconds
        )
    }

    static func setDefault(_ id: String, of accountID: Int64, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE payment_method SET is_default = CASE WHEN provider_id = ? THEN 1 ELSE 0 END WHERE account_id = ?",
            id,
            accountID
        )
    }

    static func detach(_ id: String, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE payment_method SET detached_at = ?, is_default = 0 WHERE provider_id = ? AND detached_at IS NULL",
            now.milliseconds,
            id
        )
    }

    /// Those that the provider has not told of since a moment.
    static func detach(unseenSince moment: Timestamp, of accountID: Int64, _ db: borrowing Database) throws {
        try db.run(
            """
            UPDATE payment_method SET detached_at = ?, is_default = 0
            WHERE account_id = ? AND seen_at < ? AND detached_at IS NULL
            """,
            moment.milliseconds,
            accountID,
            moment.milliseconds
        )
    }

    // MARK: Expiry

    /// Cards that expire in a month or before it, whose holders have not been told.
    static func expiring(
        by month: Month,
        limit: Int,
        _ db: borrowing Database
    ) throws -> [(accountID: Int64, method: Method)] {
        try db.all(
            """
            SELECT provider_id, type, brand, last4, exp_month, exp_year, created_at, account_id FROM payment_method
            WHERE detached_at IS NULL AND warned_at IS NULL AND (exp_year < ? OR exp_year = ? AND exp_month <= ?)
            ORDER BY exp_year, exp_month LIMIT ?
            """,
            Int64(month.number / 100),
            Int64(month.number / 100),
            Int64(month.number % 100),
            limit
        ) { row in (row[7], method(row)) }
    }

    static func setWarned(_ id: String, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run("UPDATE payment_method SET warned_at = ? WHERE provider_id = ?", now.milliseconds, id)
    }
}
