import Crypto
import Storage

/// The double-entry books: the truth about who owes whom. Every statement on `ledger_entry` and `ledger_balance`
/// is in this file and `LedgerCheck.swift`.
///
/// Each entry takes an amount from its credit side to its debit side, so debits equal credits entry by entry.
/// What was wrong is put right by another entry, never by a change.
enum Ledger {
    /// The sides of the books. The first seven are one per account, the others the house's.
    enum Side: String, Sendable, CaseIterable {
        /// What we owe the account: credit given or paid ahead.
        case credit
        /// What the account used and no invoice says yet.
        case unbilled
        /// What the account owes by its invoices.
        case receivable
        /// What the account's own campaigns cost it, and what its users are owed for them: held back, due, and paid.
        /// Nothing of this is the house's money.
        case rewardCost = "reward_cost"
        case rewardHeld = "reward_held"
        case rewardDue = "reward_due"
        case rewardPaid = "reward_paid"
        case cash
        case revenue
        case promotion
        /// What we collected for the state.
        case tax
        /// Withdrawn by the provider while a dispute is open; nothing is left here once all are closed.
        case disputed
        /// Written off, or lost in a dispute.
        case loss

        var isHouse: Bool {
            switch self {
            case .credit, .unbilled, .receivable, .rewardCost, .rewardHeld, .rewardDue, .rewardPaid: false
            case .cash, .revenue, .promotion, .tax, .disputed, .loss: true
            }
        }
    }

    struct Entry: Sendable {
        let accountID: Int64
        let debit: Side
        let credit: Side
        let amount: Cents
        let reason: String
        /// The effect this posts, such as `stripe:pi_1:paid`; each is posted at most once.
        var reference: String?
        let postedAt: Timestamp
        var currency = "usd"
    }

    /// What the account owes: invoiced and not yet invoiced. Positive is owed.
    static func owed(by accountID: Int64, _ db: borrowing Database) throws -> Cents {
        let receivable = try balance(.receivable, of: accountID, db)
        let unbilled = try balance(.unbilled, of: accountID, db)
        return receivable + unbilled
    }

    static func credit(of accountID: Int64, _ db: borrowing Database) throws -> Cents {
        -(try balance(.credit, of: accountID, db))
    }

    /// Debits less credits of one of an account's sides, which are in its one currency.
    static func balance(_ side: Side, of accountID: Int64, _ db: borrowing Database) throws -> Cents {
        guard !side.isHouse else { return try balance(side, in: .usd, db) }
        return Cents(
            try db.value(
                "SELECT debits - credits FROM ledger_balance WHERE account_id = ? AND side = ?",
                accountID,
                side.rawValue
            ) ?? 0
        )
    }

    /// Debits less credits of one of the house's sides.
    static func balance(_ side: Side, in currency: Currency, _ db: borrowing Database) throws -> Cents {
        Cents(
            try db.value(
                "SELECT debits - credits FROM ledger_balance WHERE account_id = 0 AND side = ? AND currency = ?",
                side.rawValue,
                currency.code
            ) ?? 0
        )
    }

    /// What all accounts of a currency owe together.
    static func outstanding(in currency: Currency = .usd, _ db: borrowing Database) throws -> Cents {
        Cents(
            try db.value(
                """
                SELECT coalesce(sum(debits - credits), 0) FROM ledger_balance
                WHERE side IN ('receivable', 'unbilled') AND currency = ?
                """,
                currency.code
            ) ?? 0
        )
    }

    /// The id of the entry that was posted last; 0 in empty books.
    static func lastEntry(_ db: borrowing Database) throws -> Int64 {
        try db.value("SELECT id FROM ledger_entry ORDER BY id DESC LIMIT 1") ?? 0
    }

    /// Charges usage: credit first, the rest is owed until an invoice asks for it.
    /// - Returns: what is unbilled now.
    static func charge(
        _ amount: Cents,
        to accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Cents {
        let fromCredit = min(amount, max(.zero, try credit(of: accountID, db)))
        if fromCredit > .zero {
            let entry = Entry(
                accountID: accountID,
                debit: .credit,
                credit: .revenue,
                amount: fromCredit,
                reason: "usage",
                postedAt: now
            )
            try post(entry, db)
        }
        if amount > fromCredit {
            let entry = Entry(
                accountID: accountID,
                debit: .unbilled,
                credit: .revenue,
                amount: amount - fromCredit,
                reason: "usage",
                postedAt: now
            )
            try post(entry, db)
        }
        return try balance(.unbilled, of: accountID, db)
    }

    /// Takes back a charge for use: less is unbilled, and beyond that it is credit again.
    /// - Returns: what became credit; the caller makes a grant of it.
    static func takeBack(
        _ amount: Cents,
        from accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Cents {
        let unbilled = min(amount, max(.zero, try balance(.unbilled, of: accountID, db)))
        for (side, part) in [(Side.unbilled, unbilled), (.credit, amount - unbilled)] where part > .zero {
            let entry = Entry(
                accountID: accountID,
                debit: .revenue,
                credit: side,
                amount: part,
                reason: "usage",
                postedAt: now
            )
            try post(entry, db)
        }
        return amount - unbilled
    }

    /// Writes one entry, its hash over the entry before it, and both balances.
    static func post(_ entry: Entry, _ db: borrowing Database) throws {
        let previous: [UInt8] = try db.value("SELECT hash FROM ledger_entry ORDER BY id DESC LIMIT 1") ?? genesis
        try db.run(
            """
            INSERT INTO ledger_entry (account_id, debit, credit, amount, currency, reason, reference, posted_at, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            entry.accountID,
            entry.debit.rawValue,
            entry.credit.rawValue,
            entry.amount.value,
            entry.currency,
            entry.reason,
            entry.reference,
            entry.postedAt.milliseconds,
            hash(of: entry, after: previous)
        )
        try db.run(
            """
            INSERT INTO ledger_balance (account_id, side, currency, debits) VALUES (?, ?, ?, ?)
            ON CONFLICT (account_id, side, currency) DO UPDATE SET debits = ledger_balance.debits + excluded.debits
            """,
            entry.debit.isHouse ? 0 : entry.accountID,
            entry.debit.rawValue,
            entry.currency,
            entry.amount.value
        )
        try db.run(
            """
            INSERT INTO ledger_balance (account_id, side, currency, credits) VALUES (?, ?, ?, ?)
            ON CONFLICT (account_id, side, currency) DO UPDATE SET credits = ledger_balance.credits + excluded.credits
            """,
            entry.credit.isHouse ? 0 : entry.accountID,
            entry.credit.rawValue,
            entry.currency,
            entry.amount.value
        )
    }

    /// The entry that posted an effect.
    static func find(reference: String, _ db: borrowing Database) throws -> Entry? {
        try db.first(
            """
            SELECT account_id, debit, credit, amount, currency, reason, reference, posted_at
            FROM ledger_entry WHERE reference = ?
            """,
            reference
        ) { row in
            Entry(
                accountID: row[0],
                debit: try row.raw(1),
                credit: try row.raw(2),
                amount: Cents(row[3]),
                reason: row[5],
                reference: row[6],
                postedAt: Timestamp(milliseconds: row[7]),
                currency: row[4]
            )
        }
    }

    /// Credits less debits of one side in an account's entries whose reference begins so.
    static func sum(
        _ side: Side,
        of accountID: Int64,
        references prefix: String,
        _ db: borrowing Database
    ) throws -> Cents {
        Cents(
            try db.value(
                """
                SELECT coalesce(sum(CASE WHEN credit = ? THEN amount WHEN debit = ? THEN -amount ELSE 0 END), 0)
                FROM ledger_entry WHERE account_id = ? AND substr(reference, 1, length(?)) = ?
                """,
                side.rawValue,
                side.rawValue,
                accountID,
                prefix,
                prefix
            ) ?? 0
        )
    }

    static let genesis = [UInt8](repeating: 0, count: 32)

    static func hash(of entry: Entry, after previous: [UInt8]) -> [UInt8] {
        let text = [
            "\(entry.accountID)", entry.debit.rawValue, entry.credit.rawValue, "\(entry.amount.value)", entry.currency,
            entry.reason, entry.reference ?? "", "\(entry.postedAt.milliseconds)",
        ].joined(separator: "|")
        return SHA256.digest(previous + Array(text.utf8))
    }
}
