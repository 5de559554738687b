import Storage

/// What operators give out to be redeemed. Every statement on `coupon` is in this file.
enum Coupons {
    struct Coupon: Sendable {
        let id: Int64
        /// As customers type it; compared as bytes.
        let code: String
        let name: String
        let reduction: Discount.Reduction
        /// On how many invoices; nil: on all from then on.
        let invoices: Int64?
        let mostAccounts: Int64?
        /// How many have redeemed it.
        let accounts: Int64
        /// Until when it can be redeemed; who has it by then keeps it.
        let validUntil: Timestamp?
        let createdAt: Timestamp
        let archivedAt: Timestamp?
    }

    struct New: Sendable {
        let code: String
        let name: String
        let reduction: Discount.Reduction
        let invoices: Int64?
        let mostAccounts: Int64?
        let validUntil: Timestamp?
    }

    /// - Returns: its id; nil when the code is taken.
    static func insert(_ coupon: New, at now: Timestamp, _ db: borrowing Database) throws -> Int64? {
        let (points, money) = coupon.reduction.parts
        let changes = try db.run(
            """
            INSERT INTO coupon (code, name, basis_points, amount, currency, invoices, most_accounts, valid_until,
                created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (code) DO NOTHING
            """,
            coupon.code,
            coupon.name,
            points,
            money?.minor,
            money?.currency.code,
            coupon.invoices,
            coupon.mostAccounts,
            coupon.validUntil?.milliseconds,
            now.milliseconds
        )
        return changes > 0 ? db.lastInsertID : nil
    }

    static func find(_ id: Int64, _ db: borrowing Database) throws -> Coupon? {
        try db.first(
            """
            SELECT id, code, name, basis_points, amount, currency, invoices, most_accounts, accounts, valid_until,
                created_at, archived_at
            FROM coupon WHERE id = ?
            """,
            id,
            as: coupon
        )
    }

    static func find(code: String, _ db: borrowing Database) throws -> Coupon? {
        let id: Int64? = try db.value("SELECT id FROM coupon WHERE code = ?", code)
        return try id.flatMap { try find($0, db) }
    }

    /// Newest first, archived ones too.
    static func list(before id: Int64, limit: Int64, _ db: borrowing Database) throws -> [Coupon] {
        try db.all(
            """
            SELECT id, code, name, basis_points, amount, currency, invoices, most_accounts, accounts, valid_until,
                created_at, archived_at
            FROM coupon WHERE id < ? ORDER BY id DESC LIMIT ?
            """,
            id,
            limit,
            as: coupon
        )
    }

    private static func coupon(_ row: borrowing Row) throws -> Coupon {
        let reduction: Discount.Reduction
        if let points = row.optionalInt(3) {
            reduction = .percent(basisPoints: points)
        } else {
            let code: String = row[5]
            guard let currency = Currency(code) else { throw StoreError.corrupt("there is no currency \(code)") }
            reduction = .amount(Money(row[4], currency))
        }
        return Coupon(
            id: row[0],
            code: row[1],
            name: row[2],
            reduction: reduction,
            invoices: row[6],
            mostAccounts: row[7],
            accounts: row[8],
            validUntil: row.optionalInt(9).map { Timestamp(milliseconds: $0) },
            createdAt: Timestamp(milliseconds: row[10]),
            archivedAt: row.optionalInt(11).map { Timestamp(milliseconds: $0) }
        )
    }

    /// Nobody can redeem it any more; who has it keeps it.
    static func setArchived(_ isArchived: Bool, _ id: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE coupon SET archived_at = ? WHERE id = ?",
            isArchived ? now.milliseconds : nil as Int64?,
            id
        )
    }

    static func countAccount(_ id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE coupon SET accounts = accounts + 1 WHERE id = ?", id)
    }
}

extension Discount.Reduction {
    fileprivate var parts: (points: Int64?, money: Money?) {
        switch self {
        case .percent(let points): (points, nil)
        case .amount(let money): (nil, money)
        }
    }
}
