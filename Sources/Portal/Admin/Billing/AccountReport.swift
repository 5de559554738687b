import Storage

/// Accounts as operators look for them.
enum AccountReport {
    struct Name: Sendable, Hashable {
        let id: Int64
        let name: String
    }

    struct Item: Sendable {
        let account: Name
        /// The first owner's.
        let email: String
        let plan: ReportedPlan
        let status: String
        let restriction: String?
        let currency: Currency
        let stripeCustomerID: String?
        let createdAt: Timestamp
        /// A test account's own time.
        let testClock: Timestamp?
        let receivable: Cents
        let unbilled: Cents
        let credit: Cents
    }

    struct Filter: Sendable {
        /// Nil: any.
        var id: Int64?
        /// An id, or a part of a name or of a member's address, in whatever case of A to Z.
        var search = ""
        var plan = ""
        var before = Int64.max
        let limit: Int64

    }

    /// What a part of a name is looked for by: for LIKE, with what has a meaning there escaped, in small letters.
    static func pattern(_ search: String) -> String {
        var out = Array("%".utf8)
        for byte in search.utf8 {
            if [UInt8(ascii: "%"), UInt8(ascii: "_"), UInt8(ascii: "\\")].contains(byte) {
                out.append(UInt8(ascii: "\\"))
            }
            let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            out.append(isUpper ? byte | 0x20 : byte)
        }
        return String(decoding: out + "%".utf8, as: UTF8.self)
    }

    static func name(_ id: Int64, _ db: borrowing Database) throws -> Name {
        Name(id: id, name: try db.value("SELECT name FROM account WHERE id = ?", id) ?? "")
    }

    /// The newest first.
    static func list(_ filter: Filter, _ db: borrowing Database) throws -> [Item] {
        try db.all(
            """
            SELECT a.id, a.name, coalesce((SELECT p.email FROM member m JOIN person p ON p.id = m.person_id
                    WHERE m.account_id = a.id AND m.role = 'owner' ORDER BY p.id LIMIT 1), ''),
                l.id, l.code, l.name, l.family, a.status, a.restriction, a.currency, a.stripe_customer_id,
                a.created_at, a.test_clock_at,
                (SELECT coalesce(sum(b.debits - b.credits), 0) FROM ledger_balance b
                    WHERE b.account_id = a.id AND b.side = 'receivable'),
                (SELECT coalesce(sum(b.debits - b.credits), 0) FROM ledger_balance b
                    WHERE b.account_id = a.id AND b.side = 'unbilled'),
                (SELECT coalesce(sum(b.credits - b.debits), 0) FROM ledger_balance b
                    WHERE b.account_id = a.id AND b.side = 'credit')
            FROM account a JOIN plan l ON l.id = a.plan_id
            WHERE a.id < ? AND (? = 0 OR a.id = ?) AND (? = '' OR l.code = ?)
                AND (? = '' OR a.id = ? OR lower(a.name) LIKE ? ESCAPE '\\' OR EXISTS (
                    SELECT 1 FROM member m JOIN person p ON p.id = m.person_id
                    WHERE m.account_id = a.id AND lower(p.email) LIKE ? ESCAPE '\\'))
            ORDER BY a.id DESC LIMIT ?
            """,
            filter.before,
            filter.id ?? 0,
            filter.id ?? 0,
            filter.plan,
            filter.plan,
            filter.search,
            Int64(filter.search) ?? 0,
            pattern(filter.search),
            pattern(filter.search),
            filter.limit,
            as: item
        )
    }

    private static func item(_ row: borrowing Row) -> Item {
        Item(
            account: Name(id: row[0], name: row[1]),
            email: row[2],
            plan: ReportedPlan(id: row[3], code: row[4], name: row[5], family: row[6]),
            status: row[7],
            restriction: row[8],
            currency: Currency(row[9] as String) ?? .usd,
            stripeCustomerID: row[10],
            createdAt: Timestamp(milliseconds: row[11]),
            testClock: (row[12] as Int64?).map { Timestamp(milliseconds: $0) },
            receivable: Cents(row[13]),
            unbilled: Cents(row[14]),
            credit: Cents(row[15])
        )
    }

    struct Use: Sendable {
        let meter: String
        let quantity: Int64
        let cost: Dollars
    }

    static func use(of id: Int64, in month: Month, _ db: borrowing Database) throws -> [Use] {
        try db.all(
            """
            SELECT meter, quantity, cost_micros FROM usage_month
            WHERE account_id = ? AND month = ? AND events > 0 ORDER BY meter
            """,
            id,
            month.number
        ) { row in Use(meter: row[0], quantity: row[1], cost: Dollars(micros: row[2])) }
    }
}
