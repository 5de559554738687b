import Storage
import Web

/// Prepaid credit by where it came from. Every statement on `credit_grant` is in this file.
///
/// The ledger is the truth for how much credit there is. What is spent is taken from the ledger alone, so that
/// recording a use touches no grant; which grants it came from is worked out later, in the order of
/// ``open(of:apartFrom:_:)``, and written down by ``settle(_:apartFrom:_:)`` before anything is granted, expires or
/// goes back.
enum CreditGrants {
    enum Kind: String, Sendable, Codable, CaseIterable, Documented {
        /// Given for nothing.
        case promotion
        /// What a payment left over.
        case paid
        /// What a credit note gave back of an invoice that was paid.
        case note

        static var sample: Kind { .promotion }

        /// What was given for nothing is spent before what was paid for, unless told otherwise.
        var priority: Int64 { self == .promotion ? 50 : 70 }

        /// Where it goes when it ends unspent: a gift is no gift any more, paid credit that expires is ours.
        var side: Ledger.Side { self == .promotion ? .promotion : .revenue }
    }

    struct Grant: Sendable {
        let id: Int64
        let accountID: Int64
        let kind: Kind
        let name: String
        let amount: Cents
        /// As written down; ``open(of:apartFrom:_:)`` brings it up to date.
        var remaining: Cents
        let currency: String
        let priority: Int64
        let expiresAt: Timestamp?
        let createdAt: Timestamp
        let expiredAt: Timestamp?
        let voidedAt: Timestamp?
    }

    /// Gives credit. A promotion is posted to the ledger here; for the other kinds whoever grants has posted what it
    /// came of (cash, or an invoice's revenue) to the account's credit in the same transaction.
    ///
    /// - Parameters:
    ///   - priority: 0 to 100, lower is spent first; nil: as its kind has it.
    ///   - providerID: the payment that it came of.
    /// - Returns: the grant's id; nil for nothing given.
    @discardableResult
    static func give(
        _ amount: Cents,
        kind: Kind,
        name: String,
        to accountID: Int64,
        priority: Int64? = nil,
        expiresAt: Timestamp? = nil,
        providerID: String? = nil,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Int64? {
        guard amount > .zero else { return nil }
        let currency = try Accounts.currency(of: accountID, db)
        try settle(accountID, apartFrom: kind == .promotion ? .zero : amount, db)
        try db.run(
            """
            INSERT INTO credit_grant (account_id, kind, name, amount, remaining, currency, priority, expires_at,
                provider_id, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            accountID,
            kind.rawValue,
            name,
            amount.value,
            amount.value,
            currency.code,
            priority ?? kind.priority,
            expiresAt?.milliseconds,
            providerID,
            now.milliseconds
        )
        let id = db.lastInsertID
        if kind == .promotion {
            let entry = Ledger.Entry(
                accountID: accountID,
                debit: .promotion,
                credit: .credit,
                amount: amount,
                reason: "credit granted",
                reference: "grant:\(id)",
                postedAt: now,
                currency: currency.code
            )
            try Ledger.post(entry, db)
        }
        if kind == .paid { try CreditRules.topUpArrived(accountID, at: now, db) }
        let told = CreditPayload(grantID: id, name: name, amount: Amount(amount, currency), currency: currency.code)
        try Webhooks.publish(.creditGranted, account: accountID, data: told, at: now, db)
        return id
    }

    /// What an account has left, in the order in which it is spent: by priority, then what expires first, then what
    /// came first. What the ledger says is gone is taken from the first ones.
    ///
    /// - Parameter apart: part of the ledger's credit that no grant stands for yet.
    static func open(
        of accountID: Int64,
        apartFrom apart: Cents = .zero,
        _ db: borrowing Database
    ) throws -> [Grant] {
        var grants = try db.all(
            """
            SELECT id, account_id, kind, name, amount, remaining, currency, priority, expires_at, created_at,
                expired_at, voided_at
            FROM credit_grant WHERE account_id = ? AND remaining > 0
            ORDER BY priority, CASE WHEN expires_at IS NULL THEN 1 ELSE 0 END, expires_at, created_at, id
            """,
            accountID,
            as: grant
        )
        let granted = grants.reduce(Cents.zero) { $0 + $1.remaining }
        var gone = granted - (max(.zero, try Ledger.credit(of: accountID, db)) - apart)
        for index in grants.indices where gone > .zero {
            let part = min(gone, grants[index].remaining)
            grants[index].remaining = grants[index].remaining - part
            gone = gone - part
        }
        return grants
    }

    /// Writes down what is left of each grant.
    static func settle(
        _ accountID: Int64,
        apartFrom apart: Cents = .zero,
        _ db: borrowing Database
    ) throws {
        for grant in try open(of: accountID, apartFrom: apart, db) {
            try setRemaining(grant.remaining, of: grant.id, db)
        }
    }

    private static func setRemaining(_ remaining: Cents, of id: Int64, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE credit_grant SET remaining = ? WHERE id = ? AND remaining <> ?",
            remaining.value,
            id,
            remaining.value
        )
    }

    /// What is left of the credit that a payment made.
    static func left(ofPayment providerID: String, of accountID: Int64, _ db: borrowing Database) throws -> Cents {
        try settle(accountID, db)
        return Cents(
            try db.value("SELECT coalesce(sum(remaining), 0) FROM credit_grant WHERE provider_id = ?", providerID) ?? 0
        )
    }

    /// Takes back what is left of the credit that a payment made, when the payment is refunded or disputed. Whoever
    /// asks posts what was taken from the account's credit in the same transaction.
    /// - Returns: how much was taken: at most `amount`, less where it is spent.
    static func takeBack(
        _ amount: Cents,
        ofPayment providerID: String,
        _ db: borrowing Database
    ) throws -> Cents {
        let made: [Int64] = try db.all(
            "SELECT id FROM credit_grant WHERE provider_id = ? AND remaining > 0",
            providerID
        ) { row in row[0] }
        var rest = max(.zero, amount)
        for id in made {
            guard let owner = try find(id, db)?.accountID else { continue }
            try settle(owner, db)
            guard let left = try find(id, db)?.remaining else { continue }
            let part = min(rest, left)
            try setRemaining(left - part, of: id, db)
            rest = rest - part
        }
        return max(.zero, amount) - rest
    }

    /// Ends what has expired of everybody, a part at a time. Test accounts whose clock stands before it are left alone.
    /// - Returns: whether there may be more.
    static func expireDue(at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        let most: Int64 = 50
        let accounts: [Int64] = try db.all(
            """
            SELECT g.account_id FROM credit_grant g JOIN account a ON a.id = g.account_id
            WHERE g.remaining > 0 AND g.expires_at <= ?
                AND (a.test_clock_at IS NULL OR a.test_clock_at >= g.expires_at)
            ORDER BY g.expires_at LIMIT ?
            """,
            now.milliseconds,
            most
        ) { row in row[0] }
        for account in Set(accounts).sorted() { try expireDue(of: account, at: now, db) }
        return accounts.count == most
    }

    /// Whether ``expireDue(at:_:)`` has anything to do.
    static func hasDue(at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        try db.value(
            """
            SELECT g.id FROM credit_grant g JOIN account a ON a.id = g.account_id
            WHERE g.remaining > 0 AND g.expires_at <= ?
                AND (a.test_clock_at IS NULL OR a.test_clock_at >= g.expires_at) LIMIT 1
            """,
            now.milliseconds
        ) as Int64? != nil
    }

    /// Ends what has expired of one account, by its own time; called when its test clock was moved, too.
    static func expireDue(of accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        let time = try Accounts.time(of: accountID, at: now, db)
        try settle(accountID, db)
        for grant in try open(of: accountID, db) {
            guard let expiry = grant.expiresAt, expiry <= time else { continue }
            try end(grant, as: "expired", at: time, db)
            try db.run("UPDATE credit_grant SET expired_at = ? WHERE id = ?", time.milliseconds, grant.id)
            guard grant.remaining > .zero else { continue }
            try Webhooks.publish(.creditExpired, account: accountID, data: grant.payload, at: time, db)
        }
    }

    /// Takes back what is left of a gift.
    /// - Returns: the grant as it was before, with what was left of it.
    /// - Throws: ``Failure`` 404; 409 for credit that was paid for, and for what has ended before.
    static func void(_ id: Int64, at now: Timestamp, _ db: borrowing Database) throws -> Grant {
        guard let found = try find(id, db) else { throw Failure.notFound("There is no grant \(id)") }
        guard found.kind == .promotion else {
            throw Failure.conflict("This credit was paid for: refund the payment instead", code: "credit_was_paid")
        }
        try settle(found.accountID, db)
        guard let grant = try find(id, db), grant.remaining > .zero else {
            throw Failure.conflict("Nothing of this credit is left", code: "credit_is_spent")
        }
        try end(grant, as: "voided", at: now, db)
        try db.run("UPDATE credit_grant SET voided_at = ? WHERE id = ?", now.milliseconds, id)
        return grant
    }

    private static func end(_ grant: Grant, as how: String, at now: Timestamp, _ db: borrowing Database) throws {
        guard grant.remaining > .zero else { return }
        let entry = Ledger.Entry(
            accountID: grant.accountID,
            debit: .credit,
            credit: grant.kind.side,
            amount: grant.remaining,
            reason: "credit \(how)",
            reference: "grant:\(grant.id):\(how)",
            postedAt: now,
            currency: grant.currency
        )
        try Ledger.post(entry, db)
        try setRemaining(.zero, of: grant.id, db)
    }

    static func find(_ id: Int64, _ db: borrowing Database) throws -> Grant? {
        try db.first(
            """
            SELECT id, account_id, kind, name, amount, remaining, currency, priority, expires_at, created_at,
                expired_at, voided_at
            FROM credit_grant WHERE id = ?
            """,
            id,
            as: grant
        )
    }

    /// Newest first, those before `id`, with what is left of each by now.
    static func list(
        of accountID: Int64,
        before id: Int64,
        limit: Int64,
        _ db: borrowing Database
    ) throws -> [Grant] {
        let left = try open(of: accountID, db)
        var grants = try db.all(
            """
            SELECT id, account_id, kind, name, amount, remaining, currency, priority, expires_at, created_at,
                expired_at, voided_at
            FROM credit_grant WHERE account_id = ? AND id < ? ORDER BY id DESC LIMIT ?
            """,
            accountID,
            id,
            limit,
            as: grant
        )
        for index in grants.indices {
            if let now = left.first(where: { $0.id == grants[index].id }) { grants[index].remaining = now.remaining }
        }
        return grants
    }

    private static func grant(_ row: borrowing Row) throws -> Grant {
        Grant(
            id: row[0],
            accountID: row[1],
            kind: try row.raw(2),
            name: row[3],
            amount: Cents(row[4]),
            remaining: Cents(row[5]),
            currency: row[6],
            priority: row[7],
            expiresAt: (row[8] as Int64?).map { Timestamp(milliseconds: $0) },
            createdAt: Timestamp(milliseconds: row[9]),
            expiredAt: (row[10] as Int64?).map { Timestamp(milliseconds: $0) },
            voidedAt: (row[11] as Int64?).map { Timestamp(milliseconds: $0) }
        )
    }

    /// For ``LedgerCheck``: behind all credit stand grants, and what has ended holds none.
    static func check(_ db: borrowing Database) throws -> [String] {
        let bare: [String] = try db.all(
            """
            SELECT b.account_id FROM ledger_balance b
            LEFT JOIN (SELECT account_id, currency, sum(remaining) AS remaining FROM credit_grant
                GROUP BY account_id, currency) AS g ON g.account_id = b.account_id AND g.currency = b.currency
            WHERE b.side = 'credit' AND b.credits - b.debits > coalesce(g.remaining, 0)
            """
        ) { row in "account \(row[0] as Int64) has more credit than its grants say" }
        let ended: [String] = try db.all(
            """
            SELECT g.id FROM credit_grant g WHERE (g.expired_at IS NOT NULL OR g.voided_at IS NOT NULL)
                AND g.remaining > 0
            """
        ) { row in "grant \(row[0] as Int64) has ended and is not empty" }
        let unposted: [String] = try db.all(
            """
            SELECT g.id FROM credit_grant g LEFT JOIN ledger_entry e ON e.reference = 'grant:' || g.id
            WHERE g.kind = 'promotion' AND g.name <> 'Balance carried over' AND coalesce(e.amount, 0) <> g.amount
            """
        ) { row in "grant \(row[0] as Int64) is not in the ledger" }
        return bare + ended + unposted
    }
}
