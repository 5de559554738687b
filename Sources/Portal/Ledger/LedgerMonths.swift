import Storage

/// The ledger added up by month, for reports: by sides, reason and plan, and its revenue by account. Every statement on
/// `ledger_month` and `revenue_month` is in this file.
///
/// Entries are added behind the desk, a slice at a time, and by a report before it reads: what records use is not held
/// up by it.
enum LedgerMonths {
    /// How many entries are added in one transaction: a few milliseconds' worth.
    static let slice = 4000

    struct Row: Sendable, Hashable {
        let month: Month
        let currency: String
        let planID: Int64
        let debit: Ledger.Side
        let credit: Ledger.Side
        let reason: String
    }

    private struct Earner: Hashable {
        let month: Month
        let currency: String
        let accountID: Int64
    }

    private struct Sums {
        var rows: [Row: Int64] = [:]
        var earners: [Earner: Int64] = [:]

        mutating func add(_ row: Row, _ amount: Int64, of accountID: Int64) throws {
            rows[row] = try (rows[row] ?? 0).plus(amount)
            guard row.debit == .revenue || row.credit == .revenue else { return }
            let earner = Earner(month: row.month, currency: row.currency, accountID: accountID)
            let earned = row.credit == .revenue ? amount : -amount
            earners[earner] = try (earners[earner] ?? 0).plus(earned)
        }
    }

    /// Adds whatever was posted since, so that what is read next is all there is.
    static func catchUp(_ store: Store) async throws {
        guard try store.read({ db in try until(db) < Ledger.lastEntry(db) }) else { return }
        while try await store.write({ db in try catchUp(db) }) {}
    }

    /// Adds a slice.
    /// - Returns: whether there may be more.
    static func catchUp(_ db: borrowing Database) throws -> Bool {
        let begin = try until(db)
        var (end, sums) = (begin, Sums())
        for entry in try entries(after: begin, limit: slice, db) {
            end = entry.id
            if let row = entry.row { try sums.add(row, entry.amount, of: entry.accountID) }
        }
        guard end > begin else { return false }
        for (row, amount) in sums.rows { try add(amount, to: row, db) }
        for (earner, amount) in sums.earners { try add(amount, to: earner, db) }
        try StoreMarks.put(.ledgerMonthsUntil, "\(end)", db)
        return try end < Ledger.lastEntry(db)
    }

    private static func until(_ db: borrowing Database) throws -> Int64 {
        try StoreMarks.find(.ledgerMonthsUntil, db).flatMap { Int64($0) } ?? 0
    }

    private struct Posted {
        let id: Int64
        let accountID: Int64
        let amount: Int64
        /// Nil: a test account's.
        let row: Row?
    }

    private static func entries(after id: Int64, limit: Int, _ db: borrowing Database) throws -> [Posted] {
        try db.all(
            """
            SELECT e.id, e.account_id, e.amount, e.posted_at, e.currency, a.plan_id, e.debit, e.credit, e.reason,
                a.test_clock_at
            FROM ledger_entry e JOIN account a ON a.id = e.account_id WHERE e.id > ? ORDER BY e.id LIMIT ?
            """,
            id,
            limit
        ) { row in
            Posted(
                id: row[0],
                accountID: row[1],
                amount: row[2],
                row: row.isNull(9)
                    ? Row(
                        month: Timestamp(milliseconds: row[3]).month,
                        currency: row[4],
                        planID: row[5],
                        debit: try row.raw(6),
                        credit: try row.raw(7),
                        reason: row[8]
                    ) : nil
            )
        }
    }

    private static func add(_ amount: Int64, to row: Row, _ db: borrowing Database) throws {
        try db.run(
            """
            INSERT INTO ledger_month (month, currency, plan_id, debit, credit, reason, amount)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (month, currency, plan_id, debit, credit, reason)
            DO UPDATE SET amount = ledger_month.amount + excluded.amount
            """,
            row.month.number,
            row.currency,
            row.planID,
            row.debit.rawValue,
            row.credit.rawValue,
            row.reason,
            amount
        )
    }

    private static func add(_ amount: Int64, to earner: Earner, _ db: borrowing Database) throws {
        try db.run(
            """
            INSERT INTO revenue_month (month, currency, account_id, amount) VALUES (?, ?, ?, ?)
            ON CONFLICT (currency, account_id, month) DO UPDATE SET amount = revenue_month.amount + excluded.amount
            """,
            earner.month.number,
            earner.currency,
            earner.accountID,
            amount
        )
    }
}

extension LedgerMonths {
    /// Those of a span of months.
    static func rows(_ months: ClosedRange<Month>, _ db: borrowing Database) throws -> [(row: Row, amount: Int64)] {
        try db.all(
            """
            SELECT month, currency, plan_id, debit, credit, reason, amount FROM ledger_month
            WHERE month >= ? AND month <= ?
            """,
            months.lowerBound.number,
            months.upperBound.number
        ) { row in
            (
                Row(
                    month: Month(number: row[0]),
                    currency: row[1],
                    planID: row[2],
                    debit: try row.raw(3),
                    credit: try row.raw(4),
                    reason: row[5]
                ),
                row[6]
            )
        }
    }

    /// Debits less credits of a side since the books were opened, by currency.
    static func balances(_ side: Ledger.Side, _ db: borrowing Database) throws -> [String: Int64] {
        let sums = try db.all(
            """
            SELECT currency, sum(CASE WHEN debit = ? THEN amount ELSE -amount END) FROM ledger_month
            WHERE debit = ? OR credit = ? GROUP BY currency
            """,
            side.rawValue,
            side.rawValue,
            side.rawValue
        ) { row -> (String, Int64) in (row[0], row[1]) }
        return Dictionary(sums) { first, _ in first }
    }

    /// The accounts that brought most in a span of months, the best first.
    static func earners(
        _ months: ClosedRange<Month>,
        in currency: String,
        limit: Int,
        _ db: borrowing Database
    ) throws -> [(accountID: Int64, amount: Int64)] {
        try db.all(
            """
            SELECT account_id, sum(amount) FROM revenue_month WHERE currency = ? AND month >= ? AND month <= ?
            GROUP BY account_id HAVING sum(amount) > 0 ORDER BY sum(amount) DESC, account_id LIMIT ?
            """,
            currency,
            months.lowerBound.number,
            months.upperBound.number,
            limit
        ) { row in (row[0], row[1]) }
    }

    /// - Returns: a sentence for each sum that is not that of its entries. Of plans it says nothing: entries name none.
    static func check(_ db: borrowing Database) throws -> [String] {
        var (rows, earners): ([Row: Int64], [Earner: Int64]) = ([:], [:])
        var (at, end) = (Int64(0), try until(db))
        while at < end {
            var sums = Sums()
            let page = try entries(after: at, limit: slice, db)
            for entry in page where entry.id <= end {
                if let row = entry.row { try sums.add(row.withoutPlan, entry.amount, of: entry.accountID) }
            }
            rows.merge(sums.rows, uniquingKeysWith: &+)
            earners.merge(sums.earners, uniquingKeysWith: &+)
            at = page.last?.id ?? end
            if page.isEmpty { end = at }
        }
        for (row, amount) in try self.rows(Month(number: 0)...Month(number: 999_999), db) {
            rows[row.withoutPlan, default: 0] &-= amount
        }
        try db.each("SELECT month, currency, account_id, amount FROM revenue_month") { row in
            let earner = Earner(month: Month(number: row[0]), currency: row[1], accountID: row[2])
            earners[earner, default: 0] &-= row[3]
            return true
        }
        let months = Set(
            rows.filter { $0.value != 0 }.map(\.key.month) + earners.filter { $0.value != 0 }.map(\.key.month)
        )
        return months.map(\.text).sorted().map { "the ledger's sums of \($0) are not those of its entries" }
    }
}

extension LedgerMonths.Row {
    fileprivate var withoutPlan: Self {
        Self(month: month, currency: currency, planID: 0, debit: debit, credit: credit, reason: reason)
    }
}
