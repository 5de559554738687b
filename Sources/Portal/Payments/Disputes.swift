import Storage
import Web

/// Payments that their payers dispute at the bank. Every statement on `dispute` is in this file.
enum Disputes {
    /// docs.stripe.com/api/disputes/object#dispute_object-status. What a card network only inquires about
    /// (`warning_…`), and what was settled before it became a dispute (`prevented`), takes no money.
    enum Status {
        static func holdsMoney(_ status: String) -> Bool { status == "needs_response" || status == "under_review" }
        static func isClosed(_ status: String) -> Bool { rank(status) >= 4 }

        /// Old news never take a dispute down this ladder. One that was lost may still be won by an appeal.
        static func rank(_ status: String) -> Int {
            switch status {
            case "warning_needs_response": 0
            case "warning_under_review": 1
            case "needs_response": 2
            case "under_review": 3
            case "warning_closed", "prevented": 4
            case "lost": 5
            case "won": 6
            // A word of tomorrow's: kept for people to see, it moves nothing.
            default: -1
            }
        }
    }

    struct Dispute: Sendable {
        let id: Int64
        let paymentID: Int64
        let providerID: String
        let amount: Cents
        let currency: Currency
        let reason: String
        let status: String
        let dueAt: Timestamp?
        let openedAt: Timestamp
        let closedAt: Timestamp?
    }

    /// A dispute with the payment and the account that it is about, as operators see it.
    struct Row: Sendable {
        let dispute: Dispute
        let accountID: Int64
        let paymentProviderID: String
    }

    static func find(_ providerID: String, _ db: borrowing Database) throws -> Dispute? {
        try db.first(
            """
            SELECT id, payment_id, provider_id, amount, currency, reason, status, due_at, opened_at, closed_at
            FROM dispute WHERE provider_id = ?
            """,
            providerID,
            as: dispute
        )
    }

    /// Newest first, those with a lower id than `before`.
    static func list(
        isOpen: Bool?,
        before id: Int64,
        limit: Int64,
        _ db: borrowing Database
    ) throws -> [Row] {
        try db.all(
            """
            SELECT d.id, d.payment_id, d.provider_id, d.amount, d.currency, d.reason, d.status, d.due_at, d.opened_at,
                d.closed_at, p.account_id, p.provider_id
            FROM dispute d JOIN payment p ON p.id = d.payment_id
            WHERE d.id < ? AND (? IS NULL OR CASE WHEN d.closed_at IS NULL THEN 1 ELSE 0 END = ?)
            ORDER BY d.id DESC LIMIT ?
            """,
            id,
            isOpen.map { $0 ? 1 : 0 },
            isOpen.map { $0 ? 1 : 0 },
            limit
        ) { row in Row(dispute: dispute(row), accountID: row[10], paymentProviderID: row[11]) }
    }

    private static func dispute(_ row: borrowing Storage.Row) -> Dispute {
        Dispute(
            id: row[0],
            paymentID: row[1],
            providerID: row[2],
            amount: Cents(row[3]),
            currency: Currency(row[4] as String) ?? .usd,
            reason: row[5],
            status: row[6],
            dueAt: (row[7] as Int64?).map { Timestamp(milliseconds: $0) },
            openedAt: Timestamp(milliseconds: row[8]),
            closedAt: (row[9] as Int64?).map { Timestamp(milliseconds: $0) }
        )
    }

    enum News { case opened, moved, none }

    /// Notes a dispute as the provider has it now.
    static func follow(
        _ told: (id: String, status: String, amount: Cents, reason: String, dueAt: Timestamp?),
        of payment: Payments.Payment,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> News {
        let closedAt = Status.isClosed(told.status) ? now.milliseconds : nil
        let known = try find(told.id, db)
        if let known, Status.rank(told.status) <= Status.rank(known.status) { return .none }
        try db.run(
            """
            INSERT INTO dispute (payment_id, provider_id, amount, currency, reason, status, is_withdrawn, due_at,
                opened_at, closed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (provider_id) DO UPDATE SET amount = excluded.amount, reason = excluded.reason,
                status = excluded.status, is_withdrawn = excluded.is_withdrawn, due_at = excluded.due_at,
                closed_at = excluded.closed_at
            """,
            payment.id,
            told.id,
            told.amount.value,
            payment.currency.code,
            told.reason,
            told.status,
            Status.holdsMoney(told.status) || told.status == "lost",
            told.dueAt?.milliseconds,
            now.milliseconds,
            closedAt
        )
        return known == nil ? .opened : .moved
    }

    /// What open disputes hold back, and what was lost.
    static func sums(of paymentID: Int64, _ db: borrowing Database) throws -> (held: Cents, lost: Cents) {
        try db.first(
            """
            SELECT coalesce(sum(CASE WHEN status = 'lost' THEN 0 ELSE amount END), 0),
                coalesce(sum(CASE WHEN status = 'lost' THEN amount ELSE 0 END), 0)
            FROM dispute WHERE payment_id = ? AND is_withdrawn = 1
            """,
            paymentID
        ) { row in (Cents(row[0]), Cents(row[1])) } ?? (.zero, .zero)
    }
}
