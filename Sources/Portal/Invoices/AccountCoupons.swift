import Storage
import Web

/// Coupons that accounts have redeemed. Every statement on `account_coupon` is in this file.
enum AccountCoupons {
    /// One that still takes something off.
    struct Held: Sendable {
        let couponID: Int64
        let code: String
        let discount: Discount
        /// Nil: for ever.
        let invoicesLeft: Int64?
    }

    /// - Returns: false for one that the account had before.
    static func insert(
        _ coupon: Coupons.Coupon,
        for accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Bool {
        try db.run(
            """
            INSERT INTO account_coupon (account_id, coupon_id, invoices_left, redeemed_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (account_id, coupon_id) DO NOTHING
            """,
            accountID,
            coupon.id,
            coupon.invoices,
            now.milliseconds
        ) > 0
    }

    /// Those that apply to bills in a currency, in the order in which they were redeemed.
    static func held(by accountID: Int64, in currency: Currency, _ db: borrowing Database) throws -> [Held] {
        let rows = try db.all(
            """
            SELECT coupon_id, invoices_left FROM account_coupon
            WHERE account_id = ? AND (invoices_left IS NULL OR invoices_left > 0) ORDER BY redeemed_at, coupon_id
            """,
            accountID
        ) { row -> (id: Int64, left: Int64?) in (row[0], row[1]) }
        return try rows.compactMap { row in
            guard let coupon = try Coupons.find(row.id, db) else { return nil }
            if case .amount(let money) = coupon.reduction, money.currency != currency { return nil }
            return Held(
                couponID: row.id,
                code: coupon.code,
                discount: Discount(name: coupon.name, reduction: coupon.reduction),
                invoicesLeft: row.left
            )
        }
    }

    /// One invoice less is left; nothing changes where it is for ever.
    static func use(_ couponID: Int64, by accountID: Int64, _ db: borrowing Database) throws {
        try db.run(
            """
            UPDATE account_coupon SET invoices_left = invoices_left - 1
            WHERE account_id = ? AND coupon_id = ? AND invoices_left > 0
            """,
            accountID,
            couponID
        )
    }

    /// The invoice that it was used on was voided.
    static func giveBack(code: String, to accountID: Int64, _ db: borrowing Database) throws {
        guard let coupon = try Coupons.find(code: code, db) else { return }
        try db.run(
            """
            UPDATE account_coupon SET invoices_left = invoices_left + 1
            WHERE account_id = ? AND coupon_id = ? AND invoices_left IS NOT NULL
            """,
            accountID,
            coupon.id
        )
    }
}

extension Coupons {
    /// From the next invoice on it takes off what it takes off.
    /// - Throws: ``Failure`` 404 for a code that is not known or was archived, 409 for one that is past its day, used
    ///   up, in another currency, or that the account has already.
    @discardableResult
    static func redeem(
        _ code: String,
        _ accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Coupon {
        guard let coupon = try find(code: code, db), coupon.archivedAt == nil else {
            throw Failure.notFound("There is no such coupon")
        }
        let now = try Accounts.time(of: accountID, at: now, db)
        if let end = coupon.validUntil, end <= now {
            throw Failure.conflict("This coupon can no longer be redeemed", code: "coupon_expired")
        }
        if case .amount(let money) = coupon.reduction, try Accounts.currency(of: accountID, db) != money.currency {
            throw Failure.conflict("This coupon is for bills in \(money.currency.code)", code: "coupon_currency")
        }
        guard coupon.accounts < coupon.mostAccounts ?? .max else {
            throw Failure.conflict("This coupon is used up", code: "coupon_used_up")
        }
        guard try AccountCoupons.insert(coupon, for: accountID, at: now, db) else {
            throw Failure.conflict("The account has redeemed this coupon before", code: "coupon_redeemed")
        }
        try countAccount(coupon.id, db)
        return coupon
    }
}
